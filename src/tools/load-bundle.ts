import { closeSync, fsyncSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, normalize } from 'node:path';
import { Script } from 'node:vm';
import { type Clock, systemClock } from '../base/clock.ts';

/**
 * Loads the package's own bundles with their compiled code of an earlier run, as Node 22 and newer do by themselves
 * (module.enableCompileCache): compiling is a third of what a start costs otherwise.
 *
 * On Node 20 the compiled code is kept beside the bundle where the package may be written to. V8 takes it for a hint: of
 * another version of V8, or made with other flags, it is refused and all is compiled as ever. That it belongs to another
 * text V8 does not notice; the name of the file has the digest of the bundle therefore, which the build writes into its
 * first line.
 */

const DIGEST = /^\/\/ ([0-9a-f]{16,64})\n/;
/** What makes a tool end before it has done what it is for: little of it has been compiled by then. */
const SHORT_RUNS: ReadonlySet<string> = new Set(['--help', '--version']);
/** By then a broker is ready; V8 throws compiled code away that is not used for long. */
const KEEP_AFTER_MS = 2000;

/** The first version of Node that has module.enableCompileCache. */
const KEEPS_ITSELF_FROM = 22;

/**
 * Loads the bundle (CommonJS) at an absolute path with the caller's `require`, which resolves the packages that the bundle
 * asks for, and returns what it exports.
 */
export function loadBundle(path: string, require: NodeJS.Require, clock: Clock = systemClock): unknown {
  const file = normalize(path);
  if (Number.parseInt(process.versions.node, 10) >= KEEPS_ITSELF_FROM) {
    require('node:module').enableCompileCache?.();
    return require(file);
  }
  if (process.env['NODE_DISABLE_COMPILE_CACHE'] !== undefined) return require(file);
  // The build writes ASCII only.
  const source = readFileSync(file, 'latin1');
  const digest = DIGEST.exec(source)?.[1];
  if (digest === undefined) return require(file);
  const cacheFile = `${file}-${digest.slice(0, 16)}-${process.version}-${process.platform}-${process.arch}.cache`;
  const script = new Script(`(function (exports, require, module, __filename, __dirname) {${source}\n})`, {
    filename: file,
    cachedData: read(cacheFile),
  });
  if (script.cachedDataRejected !== false) keepLater(script, cacheFile, clock);
  // import() does not work in a script that is compiled so, or not without a warning; the build makes calls of this of it.
  const module = { exports: {}, importModule: (specifier: string): Promise<unknown> => import(specifier) };
  script.runInThisContext()(module.exports, require, module, file, dirname(file));
  return module.exports;
}

function read(cacheFile: string): Buffer | undefined {
  try {
    return readFileSync(cacheFile);
  } catch {
    return undefined;
  }
}

/** At the end of a run that did something, or after a while: by then the functions are compiled that are really called. */
function keepLater(script: Script, cacheFile: string, clock: Clock): void {
  const onExit = (exitCode: number) => {
    if (exitCode === 0 && !process.argv.some((argument) => SHORT_RUNS.has(argument))) keep(script, cacheFile);
  };
  process.once('exit', onExit);
  clock.schedule(
    KEEP_AFTER_MS,
    () => {
      process.off('exit', onExit);
      keep(script, cacheFile);
    },
    true,
  );
}

function keep(script: Script, cacheFile: string): void {
  const temporary = `${cacheFile}.${process.pid}`;
  try {
    const file = openSync(temporary, 'wx');
    try {
      writeFileSync(file, script.createCachedData());
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(temporary, cacheFile);
  } catch {
    // A package that may not be written to, a full disk: the next run compiles again.
    rmSync(temporary, { force: true });
  }
}
