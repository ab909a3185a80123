import type { CommandLineSpec } from '../shared/command-line.ts';
import { notAvailable } from '../shared/not-available.ts';
import { REPLICA_VERIFICATION_OPTIONS } from './options.ts';

const SPEC: CommandLineSpec<typeof REPLICA_VERIFICATION_OPTIONS> = {
  name: 'kafka-replica-verification',
  options: REPLICA_VERIFICATION_OPTIONS,
  helpSentence:
    '[2026-11-24 23:37:48,722] WARN This tool is deprecated and may be removed in a future major release. (org.apache.kafka.tools.ReplicaVerificationTool)\nValidate that all replicas for a set of topics have the same data.',
  parserErrors: 'message and trace',
  examples: [],
};

/** kafka-replica-verification: its command line. */
export const tool = notAvailable(SPEC, 'compare the replicas of topics', (line) => line.require('broker-list'));
