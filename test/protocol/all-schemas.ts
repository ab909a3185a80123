import * as consumer from '../../src/groups/records/consumer.ts';
import * as classic from '../../src/groups/records/offset-and-classic.ts';
import * as share from '../../src/groups/records/share.ts';
import * as shareState from '../../src/groups/records/share-state.ts';
import * as streams from '../../src/groups/records/streams.ts';
import * as metadata from '../../src/metadata/record-schemas.ts';
import * as consumerProtocol from '../../src/protocol/consumer-protocol.ts';
import * as control from '../../src/protocol/control-records.ts';
import { apis } from '../../src/protocol/messages/all.ts';
import { MessageSchema } from '../../src/protocol/schema.ts';
import * as transactions from '../../src/transactions/record-schemas.ts';

const modules = [classic, consumer, share, shareState, streams, metadata, transactions, consumerProtocol, control];

/** The schemas of requests and responses. */
export const messageSchemas: MessageSchema[] = [...apis.values()].flatMap((api) => [api.request, api.response]);

/** The schemas of what stands in logs and inside other messages. */
export const dataSchemas: MessageSchema[] = modules
  .flatMap((module): unknown[] => Object.values(module))
  .filter((value): value is MessageSchema => value instanceof MessageSchema);

export const allSchemas: readonly MessageSchema[] = [...messageSchemas, ...dataSchemas];

/** Kafka's name of a schema: with Request or Response behind. */
export function kafkaName(schema: MessageSchema): string {
  if (schema.type === 'data') return schema.name;
  return schema.name + (schema.type === 'request' ? 'Request' : 'Response');
}

/** Every version that a schema has, with a name for test reports. */
export function* versionsOf(schema: MessageSchema): Generator<{ version: number; name: string }> {
  for (let version = schema.versions.min; version <= schema.versions.max; version++) {
    yield { version, name: `${kafkaName(schema)} v${version}` };
  }
}
