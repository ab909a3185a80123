import { isUuid, type Uuid } from '../../base/uuid.ts';
import { illegalArgument } from '../shared/java-errors.ts';

/** A first voter of a dynamic quorum (KIP-853). */
export interface VoterArgument {
  readonly id: number;
  readonly host: string;
  readonly port: number;
  readonly directoryId: Uuid;
}

function parseNodeId(text: string): number {
  if (!/^[+-]?\d+$/.test(text)) throw illegalArgument('Failed to parse node id in dynamic voter string.');
  if (Number(text) < 0) throw illegalArgument(`Invalid negative node id ${Number(text)} in dynamic voter string.`);
  return Number(text);
}

function splitHost(text: string): { host: string; rest: string } {
  if (text === '') throw illegalArgument('No hostname found after node id.');
  if (text.startsWith('[')) {
    const end = text.indexOf(']');
    if (end < 0) throw illegalArgument('Hostname began with left bracket, but no right bracket was found.');
    return { host: text.slice(1, end), rest: text.slice(end + 1) };
  }
  const end = text.indexOf(':');
  if (end < 0) throw illegalArgument('No colon following hostname could be found.');
  return { host: text.slice(0, end), rest: text.slice(end) };
}

function parseVoter(text: string): VoterArgument {
  const at = text.indexOf('@');
  if (at < 0) throw illegalArgument('No @ found in dynamic voter string.');
  if (at === 0) throw illegalArgument('Invalid @ at beginning of dynamic voter string.');
  const id = parseNodeId(text.slice(0, at));
  const { host, rest } = splitHost(text.slice(at + 1));
  if (!rest.startsWith(':')) throw illegalArgument('Port section must start with a colon.');
  const end = rest.indexOf(':', 1);
  if (end < 0) throw illegalArgument('No colon following port could be found.');
  const portText = rest.slice(1, end);
  if (!/^[+-]?\d+$/.test(portText)) throw illegalArgument('Failed to parse port in dynamic voter string.');
  const port = Number(portText);
  if (port < 0 || port > 65_535) throw illegalArgument(`Invalid port ${port} in dynamic voter string.`);
  const directoryId = rest.slice(end + 1);
  if (!isUuid(directoryId)) throw illegalArgument('Failed to parse directory ID in dynamic voter string.');
  return { id, host, port, directoryId };
}

/** Reads `--initial-controllers`: `0@host:port:directory,1@…`; sorted by id. Throws with Kafka's texts. */
export function parseVoters(text: string): VoterArgument[] {
  const parts = text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
  if (parts.length === 0) throw illegalArgument('No voters given.');
  const voters = parts.map(parseVoter);
  for (const [i, { id }] of voters.entries()) {
    if (voters.findIndex((other) => other.id === id) !== i) {
      throw illegalArgument(`Node id ${id} was specified more than once.`);
    }
  }
  return voters.sort((a, b) => a.id - b.id);
}
