// Builds dist/ and the launchers in bin/. Each tool becomes one file with all that it needs: one file opens faster than
// thirty chunks that tools share (measured; start-up is a feature). The tools are CommonJS, whose compiled code can be kept
// (src/tools/load-bundle.ts); the API is a module. --types adds the type declarations of the API.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

// Pure JavaScript that every tool needs is bundled; what is native, or loaded only in some actions, stays a package.
const BUNDLED = ['commander'];
const external = Object.keys(manifest.dependencies).filter((name) => !BUNDLED.includes(name));

/** Folder of each tool by its name, as the registry has it. */
const registry = readFileSync(join(root, 'src/tools/tools.ts'), 'utf8');
const folders = new Map(
  [...registry.matchAll(/^ {2}'?([\w-]+)'?: \(\) => import\('\.\/([\w-]+)\/command\.ts'\)/gm)].map((match) => [
    match[1],
    match[2],
  ]),
);
if (folders.size < 30) throw new Error('src/tools/tools.ts is not in the form that the build reads');

// The file of a tool: the tool, guarded for `ottla <tool>`, and `run` for its own launcher.
const toolFile = (folder) => `
import { runLoadedTool } from './src/tools/main-of-one.ts';
import { runGuarded } from './src/tools/shared/run-guarded.ts';
import { tool as plain } from './src/tools/${folder}/command.ts';
export const tool = { ...plain, run: (argv, io) => runGuarded(plain, argv, io) };
export const run = (argv) => runLoadedTool(plain, argv);
`;

const virtualTools = {
  name: 'tools',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^tool:/ }, ({ path }) => ({ path: path.slice('tool:'.length), namespace: 'tool' }));
    onLoad({ filter: /.*/, namespace: 'tool' }, ({ path }) => ({
      contents: toolFile(path),
      resolveDir: root,
      loader: 'ts',
    }));
  },
};

/** commander loads what only its commands in files of their own need; that takes 2 ms. */
const childProcessWhenNeeded = {
  name: 'child-process-when-needed',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^node:child_process$/ }, ({ importer }) =>
      /[\\/]commander[\\/]/.test(importer) ? { path: 'child_process', namespace: 'when-needed' } : undefined,
    );
    onLoad({ filter: /.*/, namespace: 'when-needed' }, () => ({
      contents: `exports.spawn = (...args) => require('node:child_process').spawn(...args);`,
    }));
  },
};

/** In ottla.cjs the registry's imports load the tools' own files. */
const toolsStayOutside = {
  name: 'tools-stay-outside',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^\.\/[\w-]+\/command\.ts$/ }, ({ path }) => ({
      path: path.split('/')[1],
      namespace: 'bundle',
    }));
    onLoad({ filter: /.*/, namespace: 'bundle' }, ({ path }) => ({
      contents: `module.exports = require(__dirname + '/load-bundle.cjs').loadBundle(__dirname + '/tools/${path}.cjs', require);`,
    }));
  },
};

const common = {
  absWorkingDir: root,
  bundle: true,
  platform: 'node',
  target: 'node20',
  external,
  minifySyntax: true,
  minifyWhitespace: true,
  logLevel: 'warning',
};
const modules = {
  ...common,
  format: 'esm',
  // Bundled CommonJS calls require for node: modules.
  banner: {
    js: "import { createRequire as makeRequire } from 'node:module'; const require = makeRequire(import.meta.url);",
  },
};
const programs = {
  ...common,
  format: 'cjs',
  outExtension: { '.js': '.cjs' },
  define: { 'import.meta.url': 'importMeta.url' },
  banner: {
    js:
      "const importMeta = { get url() { return require('node:url').pathToFileURL(__filename).href; } };" +
      'const importModule = module.importModule ?? ((specifier) => import(specifier));',
  },
  write: false,
};

/** Writes bundles with the digest by which their compiled code is known. */
function writePrograms({ outputFiles }) {
  for (const { path, text } of outputFiles) {
    // Read as latin1, which is faster.
    if (/[^\0-\x7f]/.test(text)) throw new Error(`${path} is not all ASCII`);
    // Of import() in the scripts that load-bundle.ts compiles; the banner has one for when Node loads them.
    const content = text.replaceAll(/\bimport\("([^"]+)"\)/g, 'importModule("$1")');
    if (/\bimport\((?!specifier\))/.test(content)) throw new Error(`${path} has an import() that cannot be replaced`);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, `// ${createHash('sha256').update(content).digest('hex')}\n${content}`);
  }
}

rmSync(join(root, 'dist'), { recursive: true, force: true });
const built = await Promise.all([
  build({ ...programs, entryPoints: { 'load-bundle': 'src/tools/load-bundle.ts' }, outdir: 'dist' }),
  build({
    ...programs,
    entryPoints: { ottla: 'src/tools/main.ts' },
    outdir: 'dist',
    plugins: [toolsStayOutside, childProcessWhenNeeded],
  }),
  build({
    ...programs,
    entryPoints: Object.fromEntries([...new Set(folders.values())].map((folder) => [folder, `tool:${folder}`])),
    outdir: 'dist/tools',
    plugins: [virtualTools, childProcessWhenNeeded],
  }),
  build({ ...modules, entryPoints: { index: 'src/index.ts' }, outdir: 'dist' }),
]);
for (const result of built) if (result.outputFiles !== undefined) writePrograms(result);

// CommonJS, because Node loads no file that ends with .sh as a module. Absolute paths are found quicker than relative ones.
const launcher = (run) => `#!/usr/bin/env node
const dist = \`\${__dirname}/../dist\`;
const load = (name) => require(\`\${dist}/load-bundle.cjs\`).loadBundle(\`\${dist}/\${name}.cjs\`, require);
${run}.then((exitCode) => {
  process.exitCode = exitCode;
});
`;
const toolLauncher = (folder) => launcher(`load('tools/${folder}').run(process.argv.slice(2))`);

/** Commands that Kafka has not load their own bundle at once; ottla.cjs knows the others, and what to say of the rest. */
const own = [...folders]
  .filter(([name, folder]) => name === folder && !name.startsWith('kafka-'))
  .map(([name]) => name);
const ottlaLauncher = launcher(`const [name, ...rest] = process.argv.slice(2);
const run = ${JSON.stringify(own)}.includes(name)
  ? load(\`tools/\${name}\`).run(rest)
  : load('ottla').runTool('ottla', process.argv.slice(2));
run`);

mkdirSync(join(root, 'bin'), { recursive: true });
writeFileSync(join(root, 'bin/package.json'), '{ "type": "commonjs" }\n');
for (const [command, file] of Object.entries(manifest.bin)) {
  const path = join(root, file);
  const folder = folders.get(command.replace(/\.sh$/, ''));
  if (folder === undefined && command !== 'ottla') throw new Error(`no tool is named ${command}`);
  const text = folder === undefined ? ottlaLauncher : toolLauncher(folder);
  if (!existsSync(path) || readFileSync(path, 'utf8') !== text) writeFileSync(path, text);
  chmodSync(path, 0o755);
}

if (process.argv.includes('--types')) {
  execFileSync(join(root, 'node_modules/.bin/tsc'), ['-p', 'tsconfig.types.json'], { cwd: root, stdio: 'inherit' });
}
