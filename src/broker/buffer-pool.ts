const MIN_CLASS_BYTES = 16 * 1024;
const MAX_CLASS_BYTES = 4 * 1024 * 1024;
const DEFAULT_MAX_FREE_BYTES = 8 * 1024 * 1024;

/**
 * Large buffers that are used again. Each buffer that is made anew costs page faults, and counts as external memory by
 * which V8 measures when to collect garbage: a broker that moves a gigabyte in new buffers collects hundreds of times.
 */
export class BufferPool {
  readonly #maxFreeBytes: number;
  /** Free buffers by the exponent of their size. */
  readonly #free: Buffer[][] = [];
  readonly #lent = new WeakSet<ArrayBufferLike>();
  #freeBytes = 0;

  constructor(maxFreeBytes = DEFAULT_MAX_FREE_BYTES) {
    this.#maxFreeBytes = maxFreeBytes;
  }

  /** Bytes that are kept for later. */
  get freeBytes(): number {
    return this.#freeBytes;
  }

  /** A buffer of `sizeBytes` with arbitrary content. One that is not given back is ordinary garbage. */
  readonly take = (sizeBytes: number): Buffer => {
    if (sizeBytes < MIN_CLASS_BYTES) return Buffer.allocUnsafe(sizeBytes);
    if (sizeBytes > MAX_CLASS_BYTES) return Buffer.allocUnsafeSlow(sizeBytes);
    const exponent = 32 - Math.clz32(sizeBytes - 1);
    const free = this.#free[exponent]?.pop();
    if (free !== undefined) this.#freeBytes -= free.length;
    const whole = free ?? Buffer.allocUnsafeSlow(2 ** exponent);
    this.#lent.add(whole.buffer);
    return whole.subarray(0, sizeBytes);
  };

  /** Takes a buffer, or a part of it, back if it came from here. Nobody may use it, or another part of it, afterwards. */
  giveBack(bytes: Uint8Array): void {
    const { buffer } = bytes;
    if (!this.#lent.delete(buffer)) return;
    if (this.#freeBytes + buffer.byteLength > this.#maxFreeBytes) return;
    const exponent = 31 - Math.clz32(buffer.byteLength);
    const free = this.#free[exponent];
    const whole = Buffer.from(buffer);
    if (free === undefined) this.#free[exponent] = [whole];
    else free.push(whole);
    this.#freeBytes += buffer.byteLength;
  }
}
