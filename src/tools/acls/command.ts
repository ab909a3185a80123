import { openAdmin } from '../shared/admin-session.ts';
import { type CommandLine, type CommandLineSpec, parseCommandLine } from '../shared/command-line.ts';
import { javaMessageOf, javaToString } from '../shared/java-errors.ts';
import { type Tool, ToolExit } from '../shared/tool.ts';
import { ACLS_OPTIONS } from './options.ts';

/** A parsed command line of kafka-acls. */
export type AclsLine = CommandLine<typeof ACLS_OPTIONS>;

const SPEC: CommandLineSpec<typeof ACLS_OPTIONS> = {
  name: 'kafka-acls',
  options: ACLS_OPTIONS,
  helpSentence: 'This tool helps to manage acls on kafka.',
  parserErrors: 'message and usage',
  examples: [
    { does: 'see all rules', line: '--bootstrap-server localhost:9092 --list' },
    {
      does: 'let a user read a topic in a group',
      line: '--bootstrap-server localhost:9092 --add --allow-principal User:alice --consumer --topic orders --group billing',
    },
    {
      does: 'take that back',
      line: '--bootstrap-server localhost:9092 --remove --allow-principal User:alice --consumer --topic orders --group billing',
    },
  ],
};

function check(line: AclsLine): void {
  if (line.count('bootstrap-server', 'bootstrap-controller') > 1) {
    line.refuse('Only one of --bootstrap-server or --bootstrap-controller must be specified');
  }
  if (line.count('bootstrap-server', 'bootstrap-controller') === 0) {
    line.refuseOrAsk('One of --bootstrap-server or --bootstrap-controller must be specified', ['bootstrap-server']);
  }
  const actions = line.count('add', 'remove', 'list');
  const exactlyOne = 'Command must include exactly one action: --list, --add, --remove. ';
  if (actions === 0) line.refuseOrAsk(exactlyOne, ['list', 'add', 'remove']);
  if (actions > 1) line.refuse(exactlyOne);
  line.forbidWith('list', 'producer', 'consumer', 'allow-host', 'allow-principal', 'deny-host', 'deny-principal');
  line.forbidWith('producer', 'operation', 'deny-principal', 'deny-host');
  line.forbidWith('consumer', 'operation', 'deny-principal', 'deny-host');
  if (line.has('principal') && !line.has('list')) {
    line.refuse('The --principal option is only available if --list is set');
  }
  if (line.has('producer') && !line.has('topic')) line.refuse('With --producer you must specify a --topic');
  if (line.has('idempotent') && !line.has('producer')) {
    line.refuse('The --idempotent option is only available if --producer is set');
  }
  const isMixed = !line.has('producer') && line.count('cluster', 'transactional-id') > 0;
  if (line.has('consumer') && (line.count('topic', 'group') < 2 || isMixed)) {
    line.refuse(
      'With --consumer you must specify a --topic and a --group and no --cluster or --transactional-id option should ' +
        'be specified.',
    );
  }
}

/** kafka-acls */
export const tool: Tool = {
  name: 'kafka-acls',
  summary: 'say who may do what',
  answersInJson: true,
  async run(argv, io) {
    const line = parseCommandLine(SPEC, argv, io);
    check(line);
    try {
      const admin = await openAdmin(io, {
        bootstrapServer: line.valueOf('bootstrap-server'),
        bootstrapController: line.valueOf('bootstrap-controller'),
        commandConfig: line.valueOf('command-config'),
      });
      try {
        const { addAcls, listAcls, removeAcls } = await import('./actions.ts');
        const run = { admin, line, io };
        if (line.has('add')) await addAcls(run);
        else if (line.has('remove')) await removeAcls(run);
        else await listAcls(run);
        return 0;
      } finally {
        admin.close();
      }
    } catch (error) {
      if (error instanceof ToolExit) throw error;
      const stdout = `Error while executing ACL command: ${javaMessageOf(error)}\n${javaToString(error)}\n\n`;
      throw new ToolExit(1, { stdout });
    }
  },
};
