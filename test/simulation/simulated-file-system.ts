import { dirname } from 'node:path';
import type { Clock } from '../../src/base/clock.ts';
import type { FileHandle, FileSystem } from '../../src/base/file-system.ts';
import type { Random } from '../../src/base/random.ts';

function systemError(code: string, path: string): Error {
  return Object.assign(new Error(`${code}: ${path}`), { code, path });
}

/** What a file holds now, and what of it is on the disk. Sparse: behind `content` there are zeros up to `length`. */
class SimulatedFile {
  content: Buffer = Buffer.alloc(0);
  length = 0;
  durable: Buffer = Buffer.alloc(0);
  durableLength = 0;
  readonly mode: number;

  constructor(mode: number) {
    this.mode = mode;
  }

  /** Up to where bytes were written, and so have their place on the disk. */
  writtenLength = 0;

  /** What was written, without the zeros that a longer `length` stands for. */
  bytes(): Buffer {
    return this.content.subarray(0, this.length);
  }

  write(chunk: Uint8Array, position: number): void {
    const end = position + chunk.length;
    if (end > this.content.length) {
      const larger = Buffer.alloc(Math.max(end, this.content.length * 2));
      this.bytes().copy(larger);
      this.content = larger;
    }
    this.content.set(chunk, position);
    this.length = Math.max(this.length, end);
    this.writtenLength = Math.max(this.writtenLength, end);
  }

  read(into: Uint8Array, offset: number, length: number, position: number): number {
    const count = Math.max(0, Math.min(length, this.length - position));
    const written = this.bytes().subarray(position, position + count);
    into.set(written, offset);
    into.fill(0, offset + written.length, offset + count);
    return count;
  }

  resize(length: number): void {
    if (length < this.content.length) this.content.fill(0, length);
    this.length = length;
    this.writtenLength = Math.min(this.writtenLength, length);
  }

  /** How many syncs have begun, and which of them was the last to end. */
  #syncsBegun = 0;
  #lastEnded = 0;

  /** Begins a sync of what is there now; the result puts it on the disk. */
  beginSync(): () => void {
    const bytes = Buffer.from(this.bytes());
    const { length } = this;
    const number = ++this.#syncsBegun;
    return () => {
      if (number < this.#lastEnded) return;
      this.#lastEnded = number;
      this.durable = bytes;
      this.durableLength = length;
    };
  }

  sync(): void {
    this.beginSync()();
  }
}

/** How a simulated disk behaves. */
export interface SimulatedDiskOptions {
  readonly clock: Clock;
  readonly random: Random;
  /** The longest that a background sync takes; each takes a random part of it. Default 5 ms. */
  readonly maxSyncMs?: number;
}

/**
 * A disk in memory which forgets on {@link crash} what was not synced: of each file, everything since its last sync, or
 * a random part of that, as a page cache that had begun to write back. Names (creations, renames, removals) survive.
 */
export class SimulatedFileSystem implements FileSystem {
  readonly #files = new Map<string, SimulatedFile>();
  readonly #directories = new Set<string>(['/']);
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #maxSyncMs: number;
  /** Rises with each crash: handles and syncs from before are dead. */
  #life = 0;
  /** While set, writes and syncs fail with that code, as ENOSPC. */
  failure: string | undefined;
  /** While true, no file gets longer, and no new one gets a content: ENOSPC. */
  isFull = false;
  #writesLeft = Number.POSITIVE_INFINITY;
  #onDeath: () => void = () => {};
  /** How many syncs (of files, in the background or not) were asked for. */
  syncCount = 0;

  constructor(options: SimulatedDiskOptions) {
    this.#clock = options.clock;
    this.#random = options.random;
    this.#maxSyncMs = options.maxSyncMs ?? 5;
  }

  /**
   * Has the process end within its `count`th write from now, which is then done in part: `onDeath` is called, the write
   * and all that follow fail. To be followed by {@link crash} or {@link kill}.
   */
  dieWithin(count: number, onDeath: () => void): void {
    this.#writesLeft = count;
    this.#onDeath = onDeath;
  }

  // Whether this write is the last.
  #isLastWrite(path: string): boolean {
    if (this.#writesLeft <= 0) throw systemError('EBADF', path);
    this.#writesLeft--;
    return this.#writesLeft === 0;
  }

  #die(path: string): never {
    this.#onDeath();
    throw systemError('EBADF', path);
  }

  /** The machine stops: unsynced bytes are lost, open files are gone. */
  crash(): void {
    this.kill();
    for (const file of this.#files.values()) {
      const kept = this.#random.int(3) === 0 ? this.#partlyWritten(file) : Buffer.from(file.durable);
      file.content = kept;
      file.writtenLength = kept.length;
      file.length = Math.max(kept.length, file.durableLength);
      file.durable = Buffer.from(kept);
      file.durableLength = file.length;
    }
  }

  /** The process stops and the machine goes on: nothing is lost, open files are gone. */
  kill(): void {
    this.#life++;
    this.#writesLeft = Number.POSITIVE_INFINITY;
  }

  // The page cache wrote back a part of what was appended, in order.
  #partlyWritten(file: SimulatedFile): Buffer {
    const now = file.bytes();
    if (now.length <= file.durable.length) return Buffer.from(file.durable);
    const extra = this.#random.int(now.length - file.durable.length + 1);
    const kept = Buffer.concat([file.durable, now.subarray(file.durable.length, file.durable.length + extra)]);
    // The file's new length may be on the disk without what was written there.
    if (this.#random.int(2) === 0) kept.fill(0, file.durable.length + this.#random.int(extra + 1));
    return kept;
  }

  #get(path: string): SimulatedFile {
    const file = this.#files.get(path);
    if (file === undefined) throw systemError('ENOENT', path);
    return file;
  }

  #checkFailure(path: string): void {
    if (this.failure !== undefined) throw systemError(this.failure, path);
  }

  // What is there can be written over. What is longer may fit, or a part of it, as in the rest of the last block.
  #checkSpace(path: string, file: SimulatedFile, chunks: readonly Uint8Array[], position: number): void {
    const bytes = Buffer.concat(chunks);
    if (position + bytes.length <= file.writtenLength || this.#random.int(4) === 0) return;
    file.write(bytes.subarray(0, Math.max(file.writtenLength - position, this.#random.int(bytes.length))), position);
    throw systemError('ENOSPC', path);
  }

  open(path: string, mode: 'read' | 'write'): FileHandle {
    let file = this.#files.get(path);
    if (file === undefined) {
      if (mode === 'read') throw systemError('ENOENT', path);
      this.#checkFailure(path);
      file = new SimulatedFile(0o644);
      this.#files.set(path, file);
    }
    return this.#handle(path, file);
  }

  #handle(path: string, file: SimulatedFile): FileHandle {
    const life = this.#life;
    let isClosed = false;
    const check = (): void => {
      if (isClosed || life !== this.#life) throw systemError('EBADF', path);
    };
    return {
      path,
      read: (into, offset, length, position) => {
        check();
        return file.read(into, offset, length, position);
      },
      write: (chunks, position) => {
        check();
        this.#checkFailure(path);
        const isLast = this.#isLastWrite(path);
        if (this.isFull && !isLast) this.#checkSpace(path, file, chunks, position);
        let at = position;
        for (const chunk of chunks) {
          file.write(isLast ? chunk.subarray(0, this.#random.int(chunk.length + 1)) : chunk, at);
          at += chunk.length;
          if (isLast) this.#die(path);
        }
        return at - position;
      },
      truncate: (sizeBytes) => {
        check();
        if (this.#isLastWrite(path)) this.#die(path);
        file.resize(sizeBytes);
      },
      sizeBytes: () => {
        check();
        return file.length;
      },
      sync: () => {
        check();
        this.#checkFailure(path);
        if (this.#isLastWrite(path)) this.#die(path);
        this.syncCount++;
        file.sync();
      },
      syncInBackground: (done) => {
        check();
        this.syncCount++;
        const endSync = file.beginSync();
        this.#clock.schedule(this.#random.float() * this.#maxSyncMs, () => {
          if (life !== this.#life) return;
          if (this.failure !== undefined) {
            done(systemError(this.failure, path));
            return;
          }
          endSync();
          done(undefined);
        });
      },
      close: () => {
        isClosed = true;
      },
    };
  }

  exists(path: string): boolean {
    return this.#files.has(path) || this.isDirectory(path);
  }

  list(directory: string): string[] {
    if (!this.isDirectory(directory)) throw systemError('ENOENT', directory);
    const prefix = directory.endsWith('/') ? directory : `${directory}/`;
    const names = new Set<string>();
    for (const path of [...this.#files.keys(), ...this.#directories]) {
      if (path.startsWith(prefix) && path.length > prefix.length)
        names.add(path.slice(prefix.length).split('/', 1)[0] ?? '');
    }
    return [...names].sort();
  }

  isDirectory(path: string): boolean {
    return this.#directories.has(path);
  }

  fileSizeBytes(path: string): number {
    return this.#get(path).length;
  }

  /** Mode that a file was created with. */
  fileMode(path: string): number {
    return this.#get(path).mode;
  }

  readFile(path: string): Buffer {
    const file = this.#get(path);
    const bytes = Buffer.alloc(file.length);
    file.read(bytes, 0, file.length, 0);
    return bytes;
  }

  writeFileAtomically(path: string, data: string | Uint8Array, fileMode = 0o644): void {
    this.#checkFailure(path);
    if (this.#isLastWrite(path)) this.#die(path);
    if (this.isFull && data.length > 0) throw systemError('ENOSPC', path);
    this.syncCount++;
    const file = new SimulatedFile(fileMode);
    file.write(typeof data === 'string' ? Buffer.from(data) : data, 0);
    file.sync();
    this.#files.set(path, file);
  }

  makeDirectory(path: string): void {
    for (let at = path; !this.#directories.has(at); at = dirname(at)) this.#directories.add(at);
  }

  rename(from: string, to: string): void {
    if (this.#isLastWrite(from)) this.#die(from);
    const file = this.#files.get(from);
    if (file !== undefined) {
      this.#files.delete(from);
      this.#files.set(to, file);
      return;
    }
    if (!this.isDirectory(from)) throw systemError('ENOENT', from);
    for (const [path, one] of [...this.#files]) {
      if (!path.startsWith(`${from}/`)) continue;
      this.#files.delete(path);
      this.#files.set(to + path.slice(from.length), one);
    }
    for (const path of [...this.#directories]) {
      if (path !== from && !path.startsWith(`${from}/`)) continue;
      this.#directories.delete(path);
      this.#directories.add(to + path.slice(from.length));
    }
  }

  remove(path: string): void {
    this.#files.delete(path);
  }

  removeTree(path: string): void {
    for (const file of [...this.#files.keys()]) {
      if (file === path || file.startsWith(`${path}/`)) this.#files.delete(file);
    }
    for (const directory of [...this.#directories]) {
      if (directory === path || directory.startsWith(`${path}/`)) this.#directories.delete(directory);
    }
  }

  syncDirectory(): void {}
}
