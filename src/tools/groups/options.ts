import { flag, HELP_AND_VERSION, type OptionDeclarations, text } from '../shared/option-types.ts';

/** The options of kafka-groups. */
export const GROUPS_OPTIONS = {
  ...HELP_AND_VERSION,
  'bootstrap-server': text('server to connect to', 'REQUIRED: The Kafka server to connect to.', { required: true }),
  'command-config': text(
    'command config property file',
    'Property file containing configs to be passed to Admin Client.',
  ),
  list: flag('List the groups.'),
  'group-type': text(
    'type',
    "Filter the groups based on group type. Valid types are: 'classic', 'consumer', 'share' and 'streams'.",
  ),
  protocol: text('protocol', 'Filter the groups based on protocol type.'),
  consumer: flag(
    "Filter the groups to show all kinds of consumer groups, including classic and simple consumer groups. This matches group type 'consumer', and group type 'classic' where the protocol type is 'consumer' or empty.",
  ),
  share: flag('Filter the groups to show share groups.'),
  streams: flag('Filter the groups to show streams groups.'),
} satisfies OptionDeclarations;
