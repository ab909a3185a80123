import { flag, HELP_AND_VERSION, type OptionDeclarations, text } from '../shared/option-types.ts';

/** The options of kafka-acls. */
export const ACLS_OPTIONS = {
  ...HELP_AND_VERSION,
  'bootstrap-server': text(
    'server to connect to',
    'A list of host/port pairs to use for establishing the connection to the Kafka cluster. This list should be in the form host1:port1,host2:port2,... This config is required for acl management using admin client API.',
  ),
  'bootstrap-controller': text(
    'controller to connect to',
    'A list of host/port pairs to use for establishing the connection to the Kafka cluster. This list should be in the form host1:port1,host2:port2,... This config is required for acl management using admin client API.',
  ),
  'command-config': {
    takes: 'optional argument',
    type: 'String',
    argument: 'command-config',
    description: 'A property file containing configs to be passed to Admin Client.',
  },
  topic: text(
    'topic',
    "topic to which ACLs should be added or removed. A value of '*' indicates ACL should apply to all topics.",
  ),
  cluster: flag('Add/Remove cluster ACLs.'),
  group: text(
    'group',
    "Consumer Group to which the ACLs should be added or removed. A value of '*' indicates the ACLs should apply to all groups.",
  ),
  'transactional-id': text(
    'transactional-id',
    "The transactionalId to which ACLs should be added or removed. A value of '*' indicates the ACLs should apply to all transactionalIds.",
  ),
  idempotent: flag(
    'Enable idempotence for the producer. This should be used in combination with the --producer option. Note that idempotence is enabled automatically if the producer is authorized to a particular transactional-id.',
  ),
  'delegation-token': text(
    'delegation-token',
    "Delegation token to which ACLs should be added or removed. A value of '*' indicates ACL should apply to all tokens.",
  ),
  'resource-pattern-type': {
    takes: 'argument',
    type: 'ANY|MATCH|LITERAL|PREFIXED',
    description:
      "The type of the resource pattern or pattern filter. When adding acls, this should be a specific pattern type, e.g. 'literal' or 'prefixed'. When listing or removing acls, a specific pattern type can be used to list or remove acls from specific resource patterns, or use the filter values of 'any' or 'match', where 'any' will match any pattern type, but will match the resource name exactly, where as 'match' will perform pattern matching to list or remove all acls that affect the supplied resource(s). WARNING: 'match', when used in combination with the '--remove' switch, should be used with care.",
    defaults: ['LITERAL'],
  },
  add: flag('Indicates you are trying to add ACLs.'),
  remove: flag('Indicates you are trying to remove ACLs.'),
  list: flag(
    'List ACLs for the specified resource, use --topic <topic> or --group <group> or --cluster to specify a resource.',
  ),
  operation: text(
    '',
    'Operation that is being allowed or denied. Valid operation names are: \n\tDescribe\n\tIdempotentWrite\n\tCreateTokens\n\tDelete\n\tAlterConfigs\n\tAlter\n\tDescribeTokens\n\tClusterAction\n\tCreate\n\tRead\n\tDescribeConfigs\n\tAll\n\tWrite\n\tTwoPhaseCommit\n',
    { defaults: ['All'] },
  ),
  'allow-principal': text(
    'allow-principal',
    "principal is in principalType:name format. Note that principalType must be supported by the Authorizer being used. For example, User:'*' is the wild card indicating all users.",
  ),
  'deny-principal': text(
    'deny-principal',
    "principal is in principalType:name format. By default anyone not added through --allow-principal is denied access. You only need to use this option as negation to already allowed set. Note that principalType must be supported by the Authorizer being used. For example if you wanted to allow access to all users in the system but not test-user you can define an ACL that allows access to User:'*' and specify --deny-principal=User:test@EXAMPLE.COM. AND PLEASE REMEMBER DENY RULES TAKES PRECEDENCE OVER ALLOW RULES.",
  ),
  principal: {
    takes: 'optional argument',
    type: 'String',
    argument: 'principal',
    description:
      'List ACLs for the specified principal. principal is in principalType:name format. Note that principalType must be supported by the Authorizer being used. Multiple --principal option can be passed.',
  },
  'allow-host': text(
    'allow-host',
    "Host from which principals listed in --allow-principal will have access. If you have specified --allow-principal then the default for this option will be set to '*' which allows access from all hosts.",
  ),
  'deny-host': text(
    'deny-host',
    "Host from which principals listed in --deny-principal will be denied access. If you have specified --deny-principal then the default for this option will be set to '*' which denies access from all hosts.",
  ),
  producer: flag(
    'Convenience option to add/remove ACLs for producer role. This will generate ACLs that allows WRITE,DESCRIBE and CREATE on topic.',
  ),
  consumer: flag(
    'Convenience option to add/remove ACLs for consumer role. This will generate ACLs that allows READ,DESCRIBE on topic and READ on group.',
  ),
  force: flag('Assume Yes to all queries and do not prompt.'),
  'user-principal': text(
    'user-principal',
    'Specifies a user principal as a resource in relation with the operation. For instance one could grant CreateTokens or DescribeTokens permission on a given user principal.',
  ),
} satisfies OptionDeclarations;
