import { flag, HELP_AND_VERSION, type OptionDeclarations, text } from '../shared/option-types.ts';

/** The options of kafka-delegation-tokens. */
export const DELEGATION_TOKENS_OPTIONS = {
  ...HELP_AND_VERSION,
  'bootstrap-server': text('', 'REQUIRED: server(s) to use for bootstrapping.'),
  'command-config': text(
    '',
    'REQUIRED: A property file containing configs to be passed to Admin Client. Token management operations are allowed in secure mode only. This config file is used to pass security related configs.',
  ),
  create: flag('Create a new delegation token. Use --renewer-principal option to pass renewer principals.'),
  renew: flag('Renew delegation token. Use --renew-time-period option to set renew time period.'),
  expire: flag('Expire delegation token. Use --expiry-time-period option to expire the token.'),
  describe: flag(
    'Describe delegation tokens for the given principals. Use --owner-principal to pass owner/renewer principals. If --owner-principal option is not supplied, all the user-owned tokens and tokens where the user has Describe permissions will be returned.',
  ),
  'owner-principal': {
    takes: 'optional argument',
    type: 'String',
    description: 'owner is a Kafka principal. They should be in principalType:name format.',
  },
  'renewer-principal': {
    takes: 'optional argument',
    type: 'String',
    description: 'renewer is a Kafka principal. They should be in principalType:name format.',
  },
  'max-life-time-period': {
    takes: 'optional argument',
    type: 'Long',
    description:
      'Max life period for the token in milliseconds. If the value is -1, then token max life time will default to the server side config value of (delegation.token.max.lifetime.ms).',
  },
  'renew-time-period': {
    takes: 'optional argument',
    type: 'Long',
    description:
      'Renew time period in milliseconds. If the value is -1, then the renew time period will default to the server side config value of (delegation.token.expiry.time.ms).',
  },
  'expiry-time-period': {
    takes: 'optional argument',
    type: 'Long',
    description:
      'Expiry time period in milliseconds. If the value is -1, then the token will get invalidated immediately.',
  },
  hmac: { takes: 'optional argument', type: 'String', description: 'HMAC of the delegation token' },
} satisfies OptionDeclarations;
