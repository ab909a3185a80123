/**
 * Holds the code against the rules of docs/ARCHITECTURE.md: who may import whom, how long files and functions may be,
 * and what is banned where. Each test lists all offenders at once, with file and line.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');
const source = join(root, 'src');

interface SourceFile {
  /** Relative to src/, with forward slashes. */
  readonly path: string;
  readonly folder: string;
  readonly text: string;
  /** The text with comments and the contents of strings blanked, line for line. */
  readonly code: string;
}

const sourceFiles: SourceFile[] = readdirSync(source, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.ts'))
  .sort()
  .map((path) => {
    const text = readFileSync(join(source, path), 'utf8');
    const posixPath = path.replaceAll('\\', '/');
    return { path: posixPath, folder: posixPath.split('/')[0] ?? '', text, code: blankCommentsAndStrings(text) };
  });

/** Folders of src/ that a folder may import besides itself. */
const ALLOWED_FOLDERS: Record<string, readonly string[]> = {
  base: [],
  protocol: ['base'],
  records: ['base'],
  log: ['records', 'base'],
  raft: ['log', 'protocol', 'records', 'base'],
  metadata: ['protocol', 'records', 'base'],
  groups: ['protocol', 'records', 'base'],
  transactions: ['protocol', 'records', 'base'],
  security: ['protocol', 'records', 'base'],
  broker: ['security', 'transactions', 'groups', 'metadata', 'raft', 'log', 'records', 'protocol', 'base'],
  client: ['protocol', 'records', 'base'],
  cluster: ['client', 'base'],
  tools: ['client', 'cluster', 'base'],
  'index.ts': ['broker', 'cluster', 'client', 'base'],
};

/** Tools that look at a broker's files, or are one; and what prints the records of its internal topics. */
const TOOLS_WITH_BROKER = /^tools\/(?:(?:serve|storage|dump-log)\/|console-consumer\/coordinator-formatters\.ts$)/;
const BROKER_FOLDERS = [
  'broker',
  'log',
  'metadata',
  'raft',
  'records',
  'groups',
  'transactions',
  'protocol',
  'index.ts',
];

/** Packages that a folder may import, beside node: modules. */
const ALLOWED_PACKAGES: Record<string, readonly string[]> = {
  records: ['@node-rs/crc32', 'snappy', 'lz4-napi', '@bokuweb/zstd-wasm'],
  groups: ['re2js', '@node-rs/xxhash'],
  security: ['re2js'],
  broker: ['prom-client'],
  cluster: ['yaml'],
  tools: ['commander', 'inquirer', 'chalk', 'cli-table3', 'cli-progress', 're2js'],
};

const IMPORT = /(?:\bfrom\s+|\bimport\s*\(\s*|\bimport\s+)(['"])([^'"]+)\1/g;

function importsOf(file: SourceFile): { specifier: string; line: number }[] {
  return [...file.text.matchAll(IMPORT)].flatMap((match) => {
    const specifier = match[2];
    return specifier === undefined ? [] : [{ specifier, line: lineAt(file.text, match.index) }];
  });
}

function lineAt(text: string, index: number): number {
  return text.slice(0, index).split('\n').length;
}

function mayImportFolder(file: SourceFile, target: string): boolean {
  if (target === file.folder || (ALLOWED_FOLDERS[file.folder] ?? []).includes(target)) return true;
  return TOOLS_WITH_BROKER.test(file.path) && BROKER_FOLDERS.includes(target);
}

describe('imports', () => {
  test('every folder of src/ is in the import table', () => {
    expect(
      [...new Set(sourceFiles.map((file) => file.folder))].filter((folder) => !(folder in ALLOWED_FOLDERS)),
    ).toEqual([]);
  });

  test('stairs go down only', () => {
    const offenders: string[] = [];
    for (const file of sourceFiles) {
      for (const { specifier, line } of importsOf(file)) {
        if (!specifier.startsWith('.')) continue;
        const target = relative(source, resolve(source, dirname(file.path), specifier)).split(/[\\/]/)[0] ?? '';
        if (!mayImportFolder(file, target)) offenders.push(`${file.path}:${line} imports ${specifier}`);
      }
    }
    expect(offenders).toEqual([]);
  });

  test('relative imports name their file with its extension', () => {
    const offenders = sourceFiles.flatMap((file) =>
      importsOf(file)
        .filter(({ specifier }) => specifier.startsWith('.') && !specifier.endsWith('.ts'))
        .map(({ specifier, line }) => `${file.path}:${line} imports ${specifier}`),
    );
    expect(offenders).toEqual([]);
  });

  test('no handler imports another', () => {
    const offenders = sourceFiles
      .filter((file) => /^broker\/handlers\/\d/.test(file.path))
      .flatMap((file) =>
        importsOf(file)
          .filter(({ specifier }) => /^\.\/\d\d-/.test(specifier))
          .map(({ specifier, line }) => `${file.path}:${line} imports ${specifier}`),
      );
    expect(offenders).toEqual([]);
  });

  test('packages are imported only where the table lets them', () => {
    const offenders: string[] = [];
    for (const file of sourceFiles) {
      for (const { specifier, line } of importsOf(file)) {
        if (specifier.startsWith('.') || specifier.startsWith('node:')) continue;
        const allowed = ALLOWED_PACKAGES[file.folder] ?? [];
        if (!allowed.includes(specifier)) offenders.push(`${file.path}:${line} imports ${specifier}`);
      }
    }
    expect(offenders).toEqual([]);
  });
});

describe('sizes', () => {
  /** Tables that are data, one line an entry. */
  const TABLES = /^(protocol\/error-codes|metadata\/configs\/.*-table|tools\/.*options)\.ts$/;

  test('a file has about 400 lines at most', () => {
    const offenders = sourceFiles
      .filter((file) => !TABLES.test(file.path))
      .map((file) => ({ path: file.path, lines: file.text.split('\n').length }))
      .filter(({ lines }) => lines > 450);
    expect(offenders).toEqual([]);
  });

  test('a function has about 70 lines at most', () => {
    expect(sourceFiles.flatMap((file) => longFunctions(file, 80))).toEqual([]);
  });
});

/** Functions and methods longer than `limit` lines, found by their indentation, which the formatter keeps true. */
function longFunctions(file: SourceFile, limit: number): string[] {
  const offenders: string[] = [];
  const lines = file.code.split('\n');
  const opening =
    /^(\s*)(?:export |default |async |static |private |readonly |get |set |function |\*|#)*[\w$]+[^=]*\)[^;=]*\{$/;
  const keyword = /^\s*(?:if|for|while|switch|catch|else|return|do|try|describe|test|it)\b/;
  lines.forEach((line, start) => {
    const match = opening.exec(line);
    if (match === null || keyword.test(line)) return;
    const end = lines.findIndex(
      (other, i) => i > start && other.startsWith(`${match[1]}}`) && !other.startsWith(`${match[1]} `),
    );
    if (end - start > limit) offenders.push(`${file.path}:${start + 1} ${line.trim()} has ${end - start} lines`);
  });
  return offenders;
}

describe('bans', () => {
  interface Ban {
    readonly what: string;
    readonly pattern: RegExp;
    readonly except: RegExp;
  }
  const BANS: Ban[] = [
    {
      what: 'clock outside base/',
      pattern: /\b(?:Date\.now|performance\.now|new Date\(\)|setTimeout|setInterval|setImmediate|process\.hrtime)\b/,
      except: /^base\//,
    },
    {
      what: 'chance outside base/',
      pattern: /\b(?:Math\.random|randomBytes|randomUUID|randomInt)\b/,
      except: /^base\//,
    },
    { what: 'process.exit outside bin/', pattern: /\bprocess\.(?:exit|abort)\s*\(/, except: /^$/ },
    { what: 'console outside tools/', pattern: /\bconsole\.\w+/, except: /^tools\// },
    { what: 'any', pattern: /(?::|<|\bas|\|)\s*any\b/, except: /^$/ },
    { what: 'a silenced compiler', pattern: /\bas unknown as\b/, except: /^$/ },
    { what: 'unfinished work', pattern: /\bnot implemented\b/i, except: /^$/ },
  ];

  test.each(BANS)('no $what', ({ pattern, except }) => {
    const offenders: string[] = [];
    for (const file of sourceFiles) {
      if (except.test(file.path)) continue;
      file.code.split('\n').forEach((line, i) => {
        if (pattern.test(line)) offenders.push(`${file.path}:${i + 1} ${line.trim()}`);
      });
    }
    expect(offenders).toEqual([]);
  });

  test('no comment that switches a check off or postpones work', () => {
    const pattern = /@ts-(?:ignore|expect-error|nocheck)|biome-ignore|eslint-disable|\bTODO\b|\bFIXME\b|\bXXX\b/;
    const offenders = sourceFiles.flatMap((file) =>
      file.text.split('\n').flatMap((line, i) => (pattern.test(line) ? [`${file.path}:${i + 1} ${line.trim()}`] : [])),
    );
    expect(offenders).toEqual([]);
  });
});

describe('the package', () => {
  test('has a bin for every tool, with and without .sh', async () => {
    const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { bin: Record<string, string> };
    const { toolNames } = await import('../../src/tools/tools.ts');
    const kafkaNames = toolNames().filter((name) => name.startsWith('kafka-'));
    const expected = ['ottla', ...kafkaNames.flatMap((name) => [name, `${name}.sh`])].sort();
    expect(Object.keys(manifest.bin).sort()).toEqual(expected);
    for (const [name, path] of Object.entries(manifest.bin)) expect(path).toBe(`bin/${name}`);
  });
});

/** Blanks comments and what stands in quotes; template strings keep their expressions out of view as well. */
function blankCommentsAndStrings(text: string): string {
  const token =
    /\/\*[\s\S]*?\*\/|\/\/[^\n]*|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`|(?<=[=(,:!&|?{};\n]\s*)\/(?![*/])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n])+\/[a-z]*/g;
  return text.replace(token, (found) => found.replace(/[^\n]/g, ' '));
}
