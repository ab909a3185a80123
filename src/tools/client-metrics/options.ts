import { flag, HELP_AND_VERSION, type OptionDeclarations, text } from '../shared/option-types.ts';

/** The options of kafka-client-metrics. */
export const CLIENT_METRICS_OPTIONS = {
  ...HELP_AND_VERSION,
  'bootstrap-server': text('server to connect to', 'REQUIRED: The Kafka server to connect to.'),
  'command-config': text(
    'command config property file',
    'Property file containing configs to be passed to Admin Client.',
  ),
  alter: flag('Alter the configuration for the client metrics resource.'),
  delete: flag('Delete the configuration for the client metrics resource.'),
  describe: flag('List configurations for the client metrics resource.'),
  list: flag('List the client metrics resources.'),
  name: text('name', 'Name of client metrics configuration resource.'),
  'generate-name': flag('Generate a UUID to use as the name.'),
  interval: text('push interval', 'The metrics push interval in milliseconds.\nLeave empty to reset the interval.'),
  match: text(
    'k1=v1,k2=v2',
    "Matching selector 'k1=v1,k2=v2'. The following is a list of valid selector names: \n\tclient_id\n\tclient_instance_id\n\tclient_software_name\n\tclient_software_version\n\tclient_source_address\n\tclient_source_port",
  ),
  metrics: text('m1,m2', "Telemetry metric name prefixes 'm1,m2'.", { separator: ',' }),
} satisfies OptionDeclarations;
