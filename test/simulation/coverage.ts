/** What one run, or several together, came to: for people and tests to see that nothing was idle. */
export interface Coverage {
  readonly events: number;
  readonly simulatedMs: number;
  readonly faults: number;
  /** How often a machine lost its power or died in the middle of a write. */
  readonly losses: number;
  /** How often a disk had no space left for a while. */
  readonly fullDisks: number;
  /** How often a process was started, the first time included. */
  readonly starts: number;
  readonly committedRecords: number;
  readonly ackedRecords: number;
  readonly consumedRecords: number;
  /** Leader epochs of partitions in which somebody led. */
  readonly leaderEpochs: number;
  readonly quorumEpochs: number;
  /** How often a follower cut off what its leader did not have. */
  readonly truncations: number;
  readonly committedOffsets: number;
  readonly createdTopics: number;
  readonly deletedTopics: number;
  readonly reassignments: number;
  readonly deletedRecords: number;
  readonly voterChanges: number;
  readonly changedConfigs: number;
  /** Records that retention deleted, on each replica. */
  readonly expiredRecords: number;
}

export const NO_COVERAGE: Coverage = {
  events: 0,
  simulatedMs: 0,
  faults: 0,
  losses: 0,
  fullDisks: 0,
  starts: 0,
  committedRecords: 0,
  ackedRecords: 0,
  consumedRecords: 0,
  leaderEpochs: 0,
  quorumEpochs: 0,
  truncations: 0,
  committedOffsets: 0,
  createdTopics: 0,
  deletedTopics: 0,
  reassignments: 0,
  deletedRecords: 0,
  voterChanges: 0,
  changedConfigs: 0,
  expiredRecords: 0,
};

export function sumOf(one: Coverage, other: Coverage): Coverage {
  const names = Object.keys(NO_COVERAGE) as (keyof Coverage)[];
  return { ...NO_COVERAGE, ...Object.fromEntries(names.map((name) => [name, one[name] + other[name]])) };
}

/** As a table for people: sums, and how much that is in one run. */
export function describeCoverage(coverage: Coverage, runs: number): string {
  return Object.entries(coverage)
    .map(([name, sum]: [string, number]) => {
      return `  ${name.padEnd(18)}${Math.round(sum).toString().padStart(12)}${(sum / runs).toFixed(2).padStart(12)} a seed`;
    })
    .join('\n');
}
