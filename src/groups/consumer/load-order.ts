/**
 * The subscribers of a topic by how many partitions they have. It hands out who is to give and who is to get the next
 * partition, in turn among those with equally many, as if each partition that was talked of had moved.
 */
export class LoadOrder {
  /** How far apart the most and the least loaded were at the start. */
  readonly imbalance: number;
  readonly #members: number[];
  readonly #sizes: readonly number[];
  /** The first members, up to here, have `#leastSize` partitions. */
  #leastEnd = 0;
  #leastSize: number;
  #nextLeast = 0;
  /** Members from `#mostStart` to before `#mostEnd` have `#mostSize`; those from there on have nothing to give. */
  #mostStart: number;
  #mostEnd: number;
  #mostSize: number;
  #nextMost: number;

  /**
   * @param members indices of members; not empty
   * @param sizes by index: how many partitions a member has; read as they are when somebody is looked for
   */
  constructor(members: readonly number[], sizes: readonly number[]) {
    const sizeOf = (member: number): number => sizes[member] ?? 0;
    this.#members = [...members].sort((a, b) => sizeOf(a) - sizeOf(b) || a - b);
    this.#sizes = sizes;
    const least = this.#sizeAt(0);
    const most = this.#sizeAt(this.#members.length - 1);
    this.imbalance = most - least;
    this.#leastSize = least - 1;
    this.#mostStart = this.#members.length;
    this.#mostEnd = this.#members.length;
    this.#mostSize = most + 1;
    this.#nextMost = this.#members.length - 1;
  }

  get isBalanced(): boolean {
    return this.#mostSize - this.#leastSize <= 1;
  }

  nextLeastLoaded(): number {
    if (this.#nextLeast >= this.#leastEnd) {
      this.#leastSize++;
      while (this.#leastEnd < this.#members.length && this.#sizeAt(this.#leastEnd) === this.#leastSize)
        this.#leastEnd++;
      this.#nextLeast = 0;
    }
    return this.#members[this.#nextLeast++] ?? 0;
  }

  /** Undefined when nobody has anything to give. */
  nextMostLoaded(): number | undefined {
    if (this.#nextMost < this.#mostStart) {
      if (this.#mostEnd <= this.#mostStart && this.#mostStart > 0) this.#mostSize = this.#sizeAt(this.#mostStart - 1);
      else this.#mostSize--;
      while (this.#mostStart > 0 && this.#sizeAt(this.#mostStart - 1) === this.#mostSize) this.#mostStart--;
      this.#nextMost = this.#mostEnd - 1;
    }
    return this.#nextMost < 0 ? undefined : this.#members[this.#nextMost--];
  }

  /** Leaves out the member that `nextMostLoaded` named last. */
  excludeMostLoaded(): void {
    const at = this.#nextMost + 1;
    const last = this.#mostEnd - 1;
    [this.#members[at], this.#members[last]] = [this.#members[last] ?? 0, this.#members[at] ?? 0];
    this.#mostEnd--;
  }

  #sizeAt(at: number): number {
    return this.#sizes[this.#members[at] ?? -1] ?? 0;
  }
}
