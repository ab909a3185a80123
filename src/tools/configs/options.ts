import {
  CLIENT_METRICS_CONFIG_NAMES,
  CLIENT_QUOTA_NAMES,
  configList,
  DYNAMIC_BROKER_CONFIG_NAMES,
  GROUP_CONFIG_NAMES,
  IP_QUOTA_NAMES,
  TOPIC_CONFIG_NAMES,
  USER_CONFIG_NAMES,
} from '../shared/config-names.ts';
import { flag, HELP_AND_VERSION, type OptionDeclarations, text } from '../shared/option-types.ts';

/** The options of kafka-configs. */
export const CONFIGS_OPTIONS = {
  ...HELP_AND_VERSION,
  'bootstrap-server': text('server to connect to', 'The Kafka servers to connect to.'),
  'bootstrap-controller': text('controller to connect to', 'The Kafka controllers to connect to.'),
  'command-config': text(
    'command config property file',
    'Property file containing configs to be passed to Admin Client. This is used only with --bootstrap-server option for describing and altering broker configs.',
  ),
  alter: flag('Alter the configuration for the entity.'),
  describe: flag('List configs for the given entity.'),
  all: flag('List all configs for the given entity, including static configs if available.'),
  'entity-type': text('', 'Type of entity (topics/clients/users/brokers/broker-loggers/ips/client-metrics/groups)'),
  'entity-name': text(
    '',
    'Name of entity (topic name/client id/user principal name/broker id/ip/client metrics/group id)',
  ),
  'entity-default': flag('Default entity name for clients/users/brokers/ips (applies to corresponding entity type)'),
  'add-config': text(
    '',
    `Key Value pairs of configs to add. Square brackets can be used to group values which contain commas: 'k1=v1,k2=[v1,v2,v2],k3=v3'. The following is a list of valid configurations: For entity-type 'topics': ${configList(TOPIC_CONFIG_NAMES)}\nFor entity-type 'brokers': ${configList(DYNAMIC_BROKER_CONFIG_NAMES)}\nFor entity-type 'users': ${configList(USER_CONFIG_NAMES)}\nFor entity-type 'clients': ${configList(CLIENT_QUOTA_NAMES)}\nFor entity-type 'ips': ${configList(IP_QUOTA_NAMES)}\nFor entity-type 'client-metrics': ${configList(CLIENT_METRICS_CONFIG_NAMES)}\nFor entity-type 'groups': ${configList(GROUP_CONFIG_NAMES)}\nEntity types 'users' and 'clients' may be specified together to update config for clients of a specific user.`,
  ),
  'add-config-file': text(
    '',
    'Path to a properties file with configs to add. See add-config for a list of valid configurations.',
  ),
  'delete-config': text('', "config keys to remove 'k1,k2'", { separator: ',' }),
  topic: text('', "The topic's name."),
  client: text('', "The client's ID."),
  'client-defaults': flag('The config defaults for all clients.'),
  user: text('', "The user's principal name."),
  'user-defaults': flag('The config defaults for all users.'),
  broker: text('', "The broker's ID."),
  'broker-defaults': flag('The config defaults for all brokers.'),
  'broker-logger': text('', "The broker's ID for its logger config."),
  'ip-defaults': flag('The config defaults for all IPs.'),
  ip: text('', 'The IP address.'),
  group: text('', "The group's ID."),
  'client-metrics': text('', 'The client metrics config resource name.'),
} satisfies OptionDeclarations;
