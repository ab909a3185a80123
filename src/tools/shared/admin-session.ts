import { KafkaError } from '../../base/kafka-error.ts';
import type { Logger } from '../../base/logger.ts';
import { KafkaClient } from '../../client/index.ts';
import { executionException, JavaException, javaMessageOf, javaToString } from './java-errors.ts';
import { logLine } from './java-log.ts';
import { type Properties, readPropertiesFile } from './properties.ts';
import { ToolExit, type ToolIo } from './tool.ts';

const NETWORK_LOGGER = 'org.apache.kafka.clients.NetworkClient';
const RESOLVER_LOGGER = 'org.apache.kafka.clients.ClientUtils';

/** The warnings of a client on stderr, as the scripts' log settings show them. */
export function clientLogger(io: ToolIo): Logger {
  const loggerOf = (message: string) => (message.startsWith("Couldn't resolve") ? RESOLVER_LOGGER : NETWORK_LOGGER);
  return {
    info: () => {},
    warn: (message) => logLine(io, 'WARN', message, loggerOf(message)),
    error: (message) => logLine(io, 'ERROR', message, loggerOf(message)),
  };
}

/** How an admin client is reached. */
export interface AdminAddress {
  readonly bootstrapServer?: string | undefined;
  readonly bootstrapController?: string | undefined;
  /** A properties file with more settings; the address of the command line wins over the one in it. */
  readonly commandConfig?: string | undefined;
  /** Settings that win over the file. */
  readonly properties?: Properties | undefined;
}

/**
 * Makes an admin client. Throws Node's system error for a missing file, and `KafkaException: Failed to create new
 * KafkaAdminClient` for everything that is wrong with the settings.
 */
export async function openAdmin(io: ToolIo, address: AdminAddress): Promise<KafkaClient> {
  const properties: Properties =
    address.commandConfig === undefined ? new Map() : readPropertiesFile(address.commandConfig, io.cwd);
  for (const [name, value] of address.properties ?? []) properties.set(name, value);
  if (address.bootstrapServer !== undefined) {
    properties.set('bootstrap.servers', address.bootstrapServer);
    properties.delete('bootstrap.controllers');
  } else if (address.bootstrapController !== undefined) {
    properties.set('bootstrap.controllers', address.bootstrapController);
    properties.delete('bootstrap.servers');
  }
  try {
    return await KafkaClient.create('admin', properties, {
      clock: io.clock,
      random: io.random,
      logger: clientLogger(io),
    });
  } catch (error) {
    throw new JavaException('org.apache.kafka.common.KafkaException', 'Failed to create new KafkaAdminClient', {
      cause: error,
    });
  }
}

/** Runs `use` with an admin client and closes it afterwards, whatever happens. */
export async function withAdmin<T>(
  io: ToolIo,
  address: AdminAddress,
  use: (admin: KafkaClient) => Promise<T>,
): Promise<T> {
  const admin = await openAdmin(io, address);
  try {
    return await use(admin);
  } finally {
    admin.close();
  }
}

/** How most tools end on a failure: the message, the first line of its stack trace and an empty line, exit code 1. */
export function messageAndTrace(error: unknown): ToolExit {
  if (error instanceof ToolExit) return error;
  return new ToolExit(1, { stderr: `${javaMessageOf(error)}\n${javaToString(error)}\n\n` });
}

/** Waits as Java's Future.get does: what the call fails with becomes the cause of an ExecutionException. */
export async function asExecution<T>(call: Promise<T>): Promise<T> {
  try {
    return await call;
  } catch (error) {
    throw error instanceof KafkaError ? executionException(error) : error;
  }
}
