import { HELP_AND_VERSION, type OptionDeclarations, text } from '../shared/option-types.ts';

/** The options of kafka-broker-api-versions. */
export const BROKER_API_VERSIONS_OPTIONS = {
  ...HELP_AND_VERSION,
  'command-config': text(
    'command config property file',
    'A property file containing configs to be passed to Admin Client.',
  ),
  'bootstrap-server': text('server(s) to use for bootstrapping', 'REQUIRED: The server to connect to.'),
} satisfies OptionDeclarations;
