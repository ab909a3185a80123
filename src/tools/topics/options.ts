import { configList, TOPIC_CONFIG_NAMES } from '../shared/config-names.ts';
import { flag, HELP_AND_VERSION, integer, type OptionDeclarations, text } from '../shared/option-types.ts';

/** The options of kafka-topics. */
export const TOPICS_OPTIONS = {
  ...HELP_AND_VERSION,
  'bootstrap-server': text('server to connect to', 'REQUIRED: The Kafka server to connect to.'),
  'command-config': text(
    'command config property file',
    'Property file containing configs to be passed to Admin Client.',
  ),
  list: flag('List all available topics.'),
  create: flag('Create a new topic.'),
  delete: flag('Delete a topic.'),
  alter: flag(
    'Alter the number of partitions and replica assignment. (To alter topic configurations, the kafka-configs tool can be used.)',
  ),
  describe: flag('List details for the given topics.'),
  topic: text(
    'topic',
    'The topic to create, alter, describe or delete. It also accepts a regular expression, except for --create option.',
  ),
  'topic-id': text('topic-id', 'The topic-id to describe.'),
  config: text(
    'name=value',
    `A topic configuration override for the topic being created. The following is a list of valid configurations: ${configList(TOPIC_CONFIG_NAMES)}\nSee the Kafka documentation for full details on the topic configs. It is supported only in combination with --create. (To alter topic configurations, the kafka-configs tool can be used.)`,
  ),
  'delete-config': text('name', 'This option is no longer supported and has been deprecated since 4.0'),
  partitions: integer(
    '# of partitions',
    'The number of partitions for the topic being created or altered. If not supplied with --create, the topic uses the cluster default. (WARNING: If partitions are increased for a topic that has a key, the partition logic or ordering of the messages will be affected).',
  ),
  'replication-factor': integer(
    'replication factor',
    'The replication factor for each partition in the topic being created. If not supplied, the topic uses the cluster default.',
  ),
  'replica-assignment': text(
    'broker_id_for_part1_replica1 : broker_id_for_part1_replica2 , broker_id_for_part2_replica1 : broker_id_for_part2_replica2 , ...',
    'A list of manual partition-to-broker assignments for the topic being created or altered.',
  ),
  'under-replicated-partitions': flag('If set when describing topics, only show under-replicated partitions.'),
  'unavailable-partitions': flag('If set when describing topics, only show partitions whose leader is not available.'),
  'under-min-isr-partitions': flag(
    'If set when describing topics, only show partitions whose isr count is less than the configured minimum.',
  ),
  'at-min-isr-partitions': flag(
    'If set when describing topics, only show partitions whose isr count is equal to the configured minimum.',
  ),
  'topics-with-overrides': flag('If set when describing topics, only show topics that have overridden configs.'),
  'if-exists': flag(
    'If set when altering or deleting or describing topics, the action will only execute if the topic exists.',
  ),
  'if-not-exists': flag(
    'If set when creating topics, the create request will not fail if the topic already exists, but the request will still be sent.',
  ),
  'exclude-internal': flag(
    'Exclude internal topics when listing or describing topics. By default, the internal topics are included.',
  ),
  'partition-size-limit-per-response': integer(
    'maximum number of partitions per response',
    'The maximum partition size to be included in one DescribeTopicPartitions response.',
  ),
} satisfies OptionDeclarations;
