const INSERT_COST = 1;
const SUBSTITUTE_COST = 2;
const DELETE_COST = 4;
/** From this cost on nothing is similar. */
const UNLIKE_COST = 7;

/** What it costs to turn `from` into `to`; swapping two neighbours is free (git's and argparse4j's measure). */
function editCost(from: string, to: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: to.length + 1 }, (_, i) => i * INSERT_COST);
  for (let i = 1; i <= from.length; i++) {
    const current = [i];
    for (let j = 1; j <= to.length; j++) {
      const same = from[i - 1] === to[j - 1];
      let cost = (last[j - 1] ?? 0) + (same ? 0 : SUBSTITUTE_COST);
      if (i >= 2 && j >= 2 && !same && from[i - 2] === to[j - 1] && from[i - 1] === to[j - 2]) {
        cost = Math.min(cost, beforeLast[j - 2] ?? cost);
      }
      current[j] = Math.min(cost, (last[j] ?? 0) + DELETE_COST, (current[j - 1] ?? 0) + INSERT_COST);
    }
    beforeLast = last;
    last = current;
  }
  return last[to.length] ?? 0;
}

/** The names most like `word`, sorted; none when nothing is like it. */
export function closest(word: string, names: readonly string[]): string[] {
  const costs = names.map((name) => ({ name, cost: name.startsWith(word) ? 0 : editCost(word, name) }));
  const lowest = Math.min(...costs.map(({ cost }) => cost));
  if (!(lowest < UNLIKE_COST)) return [];
  return costs
    .filter(({ cost }) => cost === lowest)
    .map(({ name }) => name)
    .sort();
}
