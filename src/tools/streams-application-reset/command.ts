import type { CommandLineSpec } from '../shared/command-line.ts';
import { notAvailable } from '../shared/not-available.ts';
import { STREAMS_APPLICATION_RESET_OPTIONS } from './options.ts';

const SPEC: CommandLineSpec<typeof STREAMS_APPLICATION_RESET_OPTIONS> = {
  name: 'kafka-streams-application-reset',
  options: STREAMS_APPLICATION_RESET_OPTIONS,
  helpSentence:
    'This tool helps to quickly reset an application in order to reprocess its data from scratch.\n* This tool resets offsets of input topics to the earliest available offset (by default), or to a specific defined position* This tool deletes the internal topics that were created by Kafka Streams (topics starting with "<application.id>-").\nThe tool finds these internal topics automatically. If the topics flagged automatically for deletion by the dry-run are unsuitable, you can specify a subset with the "--internal-topics" option.\n* This tool will not delete output topics (if you want to delete them, you need to do it yourself with the bin/kafka-topics.sh command).\n* This tool will not clean up the local state on the stream application instances (the persisted stores used to cache aggregation results).\nYou need to call KafkaStreams#cleanUp() in your application or manually delete them from the directory specified by "state.dir" configuration ($' +
    '{java.io.tmpdir}/kafka-streams/<application.id> by default).\n* When long session timeout has been configured, active members could take longer to get expired on the broker thus blocking the reset job to complete. Use the "--force" option could remove those left-over members immediately. Make sure to stop all stream applications when this option is specified to avoid unexpected disruptions.\n\n*** Important! You will get wrong output if you don\'t clean up the local stores after running the reset tool!\n\n*** Warning! This tool makes irreversible changes to your application. It is strongly recommended that you run this once with "--dry-run" to preview your changes before making them.\n\n',
  parserErrors: 'message and usage',
  runsWithoutArguments: true,
  examples: [],
};

/** kafka-streams-application-reset: its command line. */
export const tool = notAvailable(SPEC, 'reset a streams application');
