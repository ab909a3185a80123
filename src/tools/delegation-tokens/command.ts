import type { CommandLineSpec } from '../shared/command-line.ts';
import { notAvailable } from '../shared/not-available.ts';
import { DELEGATION_TOKENS_OPTIONS } from './options.ts';

const SPEC: CommandLineSpec<typeof DELEGATION_TOKENS_OPTIONS> = {
  name: 'kafka-delegation-tokens',
  options: DELEGATION_TOKENS_OPTIONS,
  helpSentence: 'This tool helps to create, renew, expire, or describe delegation tokens.',
  parserErrors: 'message and trace',
  examples: [],
};

/** kafka-delegation-tokens: its command line. */
export const tool = notAvailable(SPEC, 'create, renew and expire delegation tokens', (line) => {
  line.require('bootstrap-server', 'command-config');
  if (line.has('create')) line.require('max-life-time-period');
  if (line.has('renew')) line.require('hmac', 'renew-time-period');
  if (line.has('expire')) line.require('hmac', 'expiry-time-period');
});
