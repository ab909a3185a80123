import { createHash, createHmac, pbkdf2Sync } from 'node:crypto';
import type { Random } from '../../base/random.ts';
import { terse } from '../shared/feature-commands.ts';

/** A SCRAM credential as it stands in the metadata log. */
export interface ScramCredential {
  readonly name: string;
  /** Kafka's number: 1 SCRAM-SHA-256, 2 SCRAM-SHA-512. */
  readonly mechanism: number;
  readonly salt: Buffer;
  readonly storedKey: Buffer;
  readonly serverKey: Buffer;
  readonly iterations: number;
}

interface Mechanism {
  readonly number: number;
  readonly digest: string;
  readonly keyBytes: number;
}

const MECHANISMS: Readonly<Record<string, Mechanism>> = {
  'SCRAM-SHA-256': { number: 1, digest: 'sha256', keyBytes: 32 },
  'SCRAM-SHA-512': { number: 2, digest: 'sha512', keyBytes: 64 },
};
const DEFAULT_ITERATIONS = 4096;
const MIN_ITERATIONS = 4096;
const MAX_ITERATIONS = 16_384;
const SALT_BITS = 130;

/** A salt as Kafka makes them: 130 random bits, in letters and digits. */
function randomSalt(random: Random): Buffer {
  const bytes = random.bytes(Math.ceil(SALT_BITS / 8));
  const number = BigInt(`0x${bytes.toString('hex')}`) >> BigInt(bytes.length * 8 - SALT_BITS);
  return Buffer.from(number.toString(36));
}

function decodeBase64(text: string, what: string): Buffer {
  const isBase64 = /^[A-Za-z0-9+/]*={0,2}$/.test(text) && text.replace(/=+$/, '').length % 4 !== 1;
  if (!isBase64) throw terse(`Failed to decode given ${what}: ${text}`);
  return Buffer.from(text, 'base64');
}

function components(text: string): Map<string, string> {
  const parts = new Map<string, string>();
  for (const part of text.split(',')) {
    const at = part.indexOf('=');
    if (at < 0) throw terse(`No equals sign found in SCRAM component: ${part}`);
    const value = part.slice(at + 1);
    parts.set(part.slice(0, at), /^".*"$/s.test(value) ? value.slice(1, -1) : value);
  }
  return parts;
}

function take(parts: Map<string, string>, name: string): string | undefined {
  const value = parts.get(name);
  parts.delete(name);
  return value;
}

function iterationsOf(text: string | undefined, mechanismName: string): number {
  if (text !== undefined && !/^[+-]?\d+$/.test(text)) throw terse(`Failed to parse iterations count: ${text}`);
  const iterations = text === undefined ? DEFAULT_ITERATIONS : Number(text);
  const printed = mechanismName.replaceAll('-', '_');
  if (iterations < MIN_ITERATIONS) {
    throw terse(`The 'iterations' value must be >= ${MIN_ITERATIONS} for add-scram using ${printed}`);
  }
  if (iterations > MAX_ITERATIONS) {
    throw terse(`The 'iterations' value must be <= ${MAX_ITERATIONS} for add-scram using ${printed}`);
  }
  return iterations;
}

function split(argument: string): { mechanismName: string; mechanism: Mechanism; settings: string } {
  const text = argument.trim();
  const at = text.indexOf('=');
  if (at < 0) throw terse(`Failed to find equals sign in SCRAM argument '${text}'`);
  const mechanismName = text.slice(0, at);
  const settings = text.slice(at + 1);
  const mechanism = Object.hasOwn(MECHANISMS, mechanismName) ? MECHANISMS[mechanismName] : undefined;
  if (mechanism === undefined) throw terse(`The add-scram mechanism ${mechanismName} is not supported.`);
  if (!settings.startsWith('[')) throw terse('Expected configuration string to start with [');
  if (!settings.endsWith(']')) throw terse('Expected configuration string to end with ]');
  return { mechanismName, mechanism, settings: settings.slice(1, -1) };
}

/** Reads an `--add-scram` argument: `SCRAM-SHA-256=[name=alice,password=…]`. Throws ToolExit with Kafka's text. */
export function parseScramArgument(argument: string, random: Random): ScramCredential {
  const { mechanismName, mechanism, settings } = split(argument);
  const parts = components(settings);
  const name = take(parts, 'name');
  if (name === undefined) throw terse("You must supply 'name' to add-scram");
  const saltText = take(parts, 'salt');
  const givenSalt = saltText === undefined ? undefined : decodeBase64(saltText, 'salt');
  const iterationsText = take(parts, 'iterations');
  const password = take(parts, 'password');
  const saltedText = take(parts, 'saltedpassword');
  if (password === undefined && saltedText === undefined) {
    throw terse("You must supply one of 'password' or 'saltedpassword' to add-scram");
  }
  if (password === undefined && givenSalt === undefined) {
    throw terse("You must supply 'salt' with 'saltedpassword' to add-scram");
  }
  if (parts.size > 0) throw terse(`Unknown SCRAM configurations: ${[...parts.keys()].sort().join(', ')}`);
  const iterations = iterationsOf(iterationsText, mechanismName);
  const salt = givenSalt ?? randomSalt(random);
  const { digest, keyBytes } = mechanism;
  const salted =
    password === undefined
      ? decodeBase64(saltedText ?? '', 'saltedPassword')
      : pbkdf2Sync(password, salt, iterations, keyBytes, digest);
  const keyOf = (label: string) => createHmac(digest, salted).update(label).digest();
  return {
    name,
    mechanism: mechanism.number,
    salt,
    storedKey: createHash(digest).update(keyOf('Client Key')).digest(),
    serverKey: keyOf('Server Key'),
    iterations,
  };
}
