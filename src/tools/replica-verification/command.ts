import { messageAndTrace } from '../shared/admin-session.ts';
import { bootstrapAddressProblem } from '../shared/bootstrap-address.ts';
import { type CommandLine, type CommandLineSpec, parseCommandLine } from '../shared/command-line.ts';
import { logLine } from '../shared/java-log.ts';
import type { Tool } from '../shared/tool.ts';
import { REPLICA_VERIFICATION_OPTIONS } from './options.ts';

/** A parsed command line of kafka-replica-verification. */
export type VerificationLine = CommandLine<typeof REPLICA_VERIFICATION_OPTIONS>;

/** The class whose logger Kafka's tool uses. */
export const LOGGER = 'org.apache.kafka.tools.ReplicaVerificationTool';

const SPEC: CommandLineSpec<typeof REPLICA_VERIFICATION_OPTIONS> = {
  name: 'kafka-replica-verification',
  options: REPLICA_VERIFICATION_OPTIONS,
  helpSentence: 'Validate that all replicas for a set of topics have the same data.',
  parserErrors: 'message and trace',
  examples: [
    {
      does: 'compare the replicas of all topics from their start on; Ctrl-C ends it',
      line: '--broker-list localhost:9092 --time -2 --report-interval-ms 1000',
    },
    { does: 'compare what comes from now on', line: '--broker-list localhost:9092 --topics-include orders' },
  ],
};

/** kafka-replica-verification */
export const tool: Tool = {
  name: 'kafka-replica-verification',
  summary: 'compare the replicas of topics',
  async run(argv, io) {
    logLine(io, 'WARN', 'This tool is deprecated and may be removed in a future major release.', LOGGER);
    const line = parseCommandLine(SPEC, argv, io);
    line.require('broker-list');
    try {
      const problem = bootstrapAddressProblem(line.valueOf('broker-list') ?? '');
      if (problem !== undefined) line.refuse(problem);
      const { verifyReplicas } = await import('./verification.ts');
      return await verifyReplicas(line, io);
    } catch (error) {
      throw messageAndTrace(error);
    }
  },
};
