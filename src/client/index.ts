/** What everything outside this folder needs of the client besides the calls in `admin/`. */

export type { HeaderToWrite } from '../records/batch-builder.ts';
export { KafkaClient } from './client.ts';
export type { ClientEnvironment } from './environment.ts';
export { ClientError, configError, exceptionName, isRetriable } from './errors.ts';
export * from './types.ts';
