import { flag, HELP_AND_VERSION, type OptionDeclarations, text } from '../shared/option-types.ts';

/** The options of kafka-log-dirs. */
export const LOG_DIRS_OPTIONS = {
  ...HELP_AND_VERSION,
  'bootstrap-server': text(
    'The server(s) to use for bootstrapping',
    'REQUIRED: the server(s) to use for bootstrapping',
  ),
  'command-config': text(
    'Admin client property file',
    'Property file containing configs to be passed to Admin Client.',
  ),
  describe: flag('Describe the specified log directories on the specified brokers.'),
  'topic-list': text(
    'Topic list',
    'The list of topics to be queried in the form "topic1,topic2,topic3". All topics will be queried if no topic list is specified',
    { defaults: [''] },
  ),
  'broker-list': text(
    'Broker list',
    'The list of brokers to be queried in the form "0,1,2". All brokers in the cluster will be queried if no broker list is specified',
    { defaults: [''] },
  ),
} satisfies OptionDeclarations;
