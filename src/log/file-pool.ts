import type { FileHandle, FileSystem } from '../base/file-system.ts';

/** A file that is opened when it is used and may be closed in between. */
export class PooledFile {
  path: string;
  readonly #pool: FilePool;
  #handle: FileHandle | undefined;
  /** Tick of the last use, for the pool. */
  lastUsed = 0;
  #pins = 0;
  #closesWhenUnpinned = false;

  constructor(pool: FilePool, path: string) {
    this.#pool = pool;
    this.path = path;
  }

  /** The open file; created when missing. Valid until control returns to the event loop. */
  handle(): FileHandle {
    this.lastUsed = this.#pool.nextTick();
    if (this.#handle === undefined) {
      this.#handle = this.#pool.fileSystem.open(this.path, 'write');
      this.#pool.opened(this);
    }
    return this.#handle;
  }

  get isOpen(): boolean {
    return this.#handle !== undefined;
  }

  get isPinned(): boolean {
    return this.#pins > 0;
  }

  /** Puts the file on the disk without holding up the event loop; it stays open meanwhile. */
  syncInBackground(done: (error: Error | undefined) => void): void {
    let handle: FileHandle;
    try {
      handle = this.handle();
    } catch (error) {
      done(error instanceof Error ? error : new Error(String(error)));
      return;
    }
    this.#pins++;
    handle.syncInBackground((error) => {
      this.#pins--;
      if (this.#pins === 0 && this.#closesWhenUnpinned) this.close();
      done(error);
    });
  }

  /** Closes the file if it is open, after a sync that is under way; it opens again by itself. */
  close(): void {
    this.#closesWhenUnpinned = this.#pins > 0;
    if (this.#handle === undefined || this.#pins > 0) return;
    const handle = this.#handle;
    this.#handle = undefined;
    this.#pool.closed(this);
    handle.close();
  }
}

/** Bounds how many files are open at the same time; the longest unused are closed first. */
export class FilePool {
  readonly fileSystem: FileSystem;
  readonly #maxOpenFiles: number;
  readonly #open = new Set<PooledFile>();
  #tick = 0;

  constructor(fileSystem: FileSystem, maxOpenFiles = 2000) {
    this.fileSystem = fileSystem;
    this.#maxOpenFiles = maxOpenFiles;
  }

  get openFiles(): number {
    return this.#open.size;
  }

  nextTick(): number {
    return ++this.#tick;
  }

  opened(file: PooledFile): void {
    this.#open.add(file);
    if (this.#open.size > this.#maxOpenFiles) this.#closeOldest(file);
  }

  closed(file: PooledFile): void {
    this.#open.delete(file);
  }

  // A quarter at once, so that the sorting is paid once for many openings.
  #closeOldest(except: PooledFile): void {
    const candidates = [...this.#open].filter((file) => file !== except && !file.isPinned);
    candidates.sort((a, b) => a.lastUsed - b.lastUsed);
    const count = Math.max(1, this.#maxOpenFiles >> 2);
    for (const file of candidates.slice(0, count)) file.close();
  }
}
