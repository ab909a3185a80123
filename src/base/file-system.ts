import {
  closeSync,
  constants,
  existsSync,
  fdatasync,
  fdatasyncSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  unlinkSync,
  writeSync,
  writevSync,
} from 'node:fs';
import { dirname } from 'node:path';

/** An open file. Positions and sizes are bytes. All methods throw Node's system errors (`ENOSPC`, `EIO`, …). */
export interface FileHandle {
  readonly path: string;
  /** Reads up to `length` bytes at `position` into `into` from `offset`; returns how many were read (less at the end). */
  read(into: Uint8Array, offset: number, length: number, position: number): number;
  /** Writes all of `chunks`, one after another, at `position`; returns the bytes written (always all, or it throws). */
  write(chunks: readonly Uint8Array[], position: number): number;
  truncate(sizeBytes: number): void;
  sizeBytes(): number;
  /** Puts the file's data on the disk before it returns. */
  sync(): void;
  /** Puts the file's data on the disk without holding up the event loop. */
  syncInBackground(done: (error: Error | undefined) => void): void;
  close(): void;
}

/**
 * The disk. Calls are synchronous: a write reaches the page cache in microseconds, and nothing can happen between
 * reading state and changing it. Comes in by constructor, so that a simulated disk can lose unsynced writes.
 */
export interface FileSystem {
  /** `read`: must exist. `write`: read and write, created when missing. */
  open(path: string, mode: 'read' | 'write'): FileHandle;
  exists(path: string): boolean;
  /** Names (not paths) of what a directory holds, sorted. Throws when it does not exist. */
  list(directory: string): string[];
  isDirectory(path: string): boolean;
  fileSizeBytes(path: string): number;
  readFile(path: string): Buffer;
  /** Writes `path.tmp`, syncs it, renames it to `path` and syncs the directory: a reader sees the old or the new whole. */
  writeFileAtomically(path: string, data: string | Uint8Array, fileMode?: number): void;
  makeDirectory(path: string): void;
  rename(from: string, to: string): void;
  /** Removes a file; a missing one is no error. */
  remove(path: string): void;
  /** Removes a directory with all that it holds; a missing one is no error. */
  removeTree(path: string): void;
  /** Puts the names in a directory on the disk. */
  syncDirectory(path: string): void;
}

class NodeFileHandle implements FileHandle {
  readonly path: string;
  readonly #descriptor: number;
  #closed = false;

  constructor(path: string, descriptor: number) {
    this.path = path;
    this.#descriptor = descriptor;
  }

  read(into: Uint8Array, offset: number, length: number, position: number): number {
    let done = 0;
    while (done < length) {
      const count = readSync(this.#descriptor, into, offset + done, length - done, position + done);
      if (count === 0) break;
      done += count;
    }
    return done;
  }

  write(chunks: readonly Uint8Array[], position: number): number {
    const only = chunks.length === 1 ? chunks[0] : undefined;
    if (only !== undefined) return this.#writeWhole(only, 0, position);
    let sizeBytes = 0;
    for (const chunk of chunks) sizeBytes += chunk.length;
    const written = writevSync(this.#descriptor, chunks, position);
    if (written < sizeBytes) this.#writeRest(chunks, written, position);
    return sizeBytes;
  }

  #writeWhole(chunk: Uint8Array, from: number, position: number): number {
    let at = from;
    while (at < chunk.length) at += writeSync(this.#descriptor, chunk, at, chunk.length - at, position + at - from);
    return chunk.length - from;
  }

  // A short write happens when the disk fills up or a signal arrives; the next call then says why.
  #writeRest(chunks: readonly Uint8Array[], written: number, position: number): void {
    let skip = written;
    let at = position + written;
    for (const chunk of chunks) {
      if (skip >= chunk.length) {
        skip -= chunk.length;
        continue;
      }
      at += this.#writeWhole(chunk, skip, at);
      skip = 0;
    }
  }

  truncate(sizeBytes: number): void {
    ftruncateSync(this.#descriptor, sizeBytes);
  }

  sizeBytes(): number {
    return fstatSync(this.#descriptor).size;
  }

  sync(): void {
    fdatasyncSync(this.#descriptor);
  }

  syncInBackground(done: (error: Error | undefined) => void): void {
    fdatasync(this.#descriptor, (error) => done(error ?? undefined));
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    closeSync(this.#descriptor);
  }
}

function syncDirectory(path: string): void {
  // Windows cannot open a directory; there renames are durable by the file system's own means.
  if (process.platform === 'win32') return;
  const descriptor = openSync(path, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

// One system call, and no exception for a file that is not there yet: creating thousands of partitions is measured.
function openForWriting(path: string): number {
  return openSync(path, constants.O_RDWR | constants.O_CREAT, 0o644);
}

/** By hand: mkdirSync's own recursion never ends where the kernel allows no folder (/proc) in Node 20. */
function makeDirectoryAndParents(path: string): void {
  try {
    mkdirSync(path);
  } catch (error) {
    if (existsSync(path) && statSync(path).isDirectory()) return;
    const parent = dirname(path);
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || parent === path || existsSync(parent)) throw error;
    makeDirectoryAndParents(parent);
    mkdirSync(path);
  }
}

/** The machine's own disk. */
export const nodeFileSystem: FileSystem = {
  open: (path, mode) => new NodeFileHandle(path, mode === 'read' ? openSync(path, 'r') : openForWriting(path)),
  exists: (path) => existsSync(path),
  list: (directory) => readdirSync(directory).sort(),
  isDirectory: (path) => statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false,
  fileSizeBytes: (path) => statSync(path).size,
  readFile: (path) => readFileSync(path),
  writeFileAtomically: (path, data, fileMode = 0o644) => {
    const temporary = `${path}.tmp`;
    rmSync(temporary, { force: true });
    const descriptor = openSync(temporary, 'w', fileMode);
    try {
      const bytes = typeof data === 'string' ? Buffer.from(data) : data;
      for (let at = 0; at < bytes.length; ) at += writeSync(descriptor, bytes, at);
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
    renameSync(temporary, path);
    syncDirectory(dirname(path));
  },
  makeDirectory: makeDirectoryAndParents,
  rename: (from, to) => renameSync(from, to),
  remove: (path) => {
    try {
      unlinkSync(path);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
  },
  removeTree: (path) => rmSync(path, { recursive: true, force: true }),
  syncDirectory,
};
