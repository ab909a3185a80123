import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { KafkaError } from '../../base/kafka-error.ts';
import type { Logger } from '../../base/logger.ts';
import { BrokerServer } from '../../broker/broker-server.ts';
import { BROKER_TABLE, withoutListenerPrefix } from '../../metadata/configs/config-tables.ts';
import { systemFailure } from '../shared/own-command.ts';
import type { ToolIo } from '../shared/tool.ts';
import { FaultFile } from './fault-file.ts';
import { brokerProperties, type ServeOptions } from './properties.ts';
import { parseTopicSpec, type TopicSpec } from './topic-spec.ts';

/** What went wrong, what to do about it: one line each. */
function failure(error: unknown): string {
  if (!(error instanceof KafkaError) && !(error instanceof RangeError)) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code !== undefined) return systemFailure(error as NodeJS.ErrnoException);
    return error instanceof Error ? (error.stack ?? error.message) : String(error);
  }
  return error.message;
}

function brokerLogger(io: ToolIo): Logger {
  const line = (level: string, message: string) => io.stderr.write(`ottla: ${level}${message}\n`);
  return {
    info: () => {},
    warn: (message) => line('', message),
    error: (message, cause) => line('', cause === undefined ? message : `${message}: ${failure(cause)}`),
  };
}

/**
 * The temporary folder of an ephemeral broker; also removed when the process ends in an unforeseen way. Throws KafkaError
 * KAFKA_STORAGE_ERROR.
 */
function makeTemporaryDir(): { path: string; remove: () => void } {
  let path: string;
  try {
    path = mkdtempSync(join(tmpdir(), 'ottla-'));
  } catch (error) {
    const why = systemFailure({ ...(error as NodeJS.ErrnoException), path: tmpdir(), message: String(error) });
    throw new KafkaError('KAFKA_STORAGE_ERROR', `no temporary folder can be made, TMPDIR says where: ${why}`);
  }
  const remove = (): void => {
    process.off('exit', remove);
    rmSync(path, { recursive: true, force: true });
  };
  process.on('exit', remove);
  return { path, remove };
}

/** Runs a broker until it is interrupted. Returns the exit code: 0 after a clean stop, 1 when it cannot run. */
export async function serve(options: ServeOptions, io: ToolIo): Promise<number> {
  if (options.ephemeral === true && options.dataDir !== undefined) {
    io.stderr.write('ottla: --ephemeral keeps no data, so --data-dir has no meaning with it; give one of the two\n');
    return 1;
  }
  let temporary: ReturnType<typeof makeTemporaryDir> | undefined;
  try {
    if (options.ephemeral === true) temporary = makeTemporaryDir();
    return await runBroker(options, temporary?.path, io);
  } catch (error) {
    io.stderr.write(`ottla: ${failure(error)}\n`);
    return 1;
  } finally {
    temporary?.remove();
  }
}

async function runBroker(options: ServeOptions, temporaryDir: string | undefined, io: ToolIo): Promise<number> {
  const topics: TopicSpec[] = options.topic.map(parseTopicSpec);
  const properties = brokerProperties(options, temporaryDir, io);
  const logger = brokerLogger(io);
  for (const name of properties.keys()) {
    if (!BROKER_TABLE.has(withoutListenerPrefix(name) ?? name))
      logger.warn(`the property ${name} is not known to Kafka 4.4 and has no effect`);
  }
  let exitCode = 0;
  let finish = (): void => {};
  const finished = new Promise<void>((resolve) => {
    finish = resolve;
  });
  const fatal = (): void => {
    exitCode = 1;
    finish();
  };
  let faults: FaultFile | undefined;
  let opened: BrokerServer | undefined;
  const stop = (): void => {
    // The next signal finds no hook and ends the process at once.
    unhook();
    finish();
    // One that is still starting may be waiting for a quorum that never comes.
    void opened?.close();
  };
  const unhook = io.onInterrupt(stop);
  if (options.untilStdinEnds === true) io.stdin.once('close', stop).resume();
  const onOpened = (server: BrokerServer): void => {
    opened = server;
    const { faults: path } = options;
    if (path !== undefined) faults = FaultFile.watch(path, io.clock, (nodeIds) => server.cutOffFrom(nodeIds));
  };
  try {
    const broker = await BrokerServer.start({
      properties,
      clusterId: options.clusterId,
      directoryId: options.directoryId,
      initialControllers: options.initialControllers,
      topics,
      environment: { logger, clock: io.clock, random: io.random },
      onFatal: fatal,
      onOpened,
    });
    announce(broker, options, io);
    compileSooner();
    await finished;
    await broker.close();
  } catch (error) {
    if (!(error instanceof KafkaError) || error.errorName !== 'SHUTDOWN_IN_PROGRESS') throw error;
  } finally {
    faults?.stop();
    // A stream that is being read keeps the process alive.
    if (options.untilStdinEnds === true) io.stdin.destroy();
  }
  return exitCode;
}

/**
 * A GB is a thousand fetches, too few for V8's compiler to find the path of a fetch worth its while by default. Node 20 alone:
 * later ones have a compiler in between. Not before the broker is ready: compiling shares the cores with starting.
 */
function compileSooner(): void {
  if (process.versions.v8.startsWith('11.')) setFlagsFromString('--interrupt-budget=30000');
}

/** Tells that the broker is ready: one line on stdout. What to type next goes to stderr, for people. */
function announce(broker: BrokerServer, options: ServeOptions, io: ToolIo): void {
  const { nodeId, logDirs } = broker.node;
  const dataDir = logDirs.join(',');
  const { bootstrapServers } = broker;
  if (options.output === 'json') {
    const ready = { event: 'ready', nodeId, clusterId: broker.clusterId, bootstrapServers, dataDir, pid: process.pid };
    io.stdout.write(`${JSON.stringify(ready)}\n`);
    return;
  }
  io.stdout.write(`ottla: broker ${nodeId} ready on ${bootstrapServers} (data in ${dataDir})\n`);
  const server = `--bootstrap-server ${bootstrapServers}`;
  io.stderr.write(
    `\nIn another terminal (bin/ in a clone, npx ottla elsewhere):\n` +
      `  bin/kafka-topics ${server} --create --topic first_kafka_topic --partitions 3\n` +
      `  bin/kafka-console-producer ${server} --topic first_kafka_topic\n` +
      `  bin/kafka-console-consumer ${server} --topic first_kafka_topic --from-beginning\n\nCtrl-C stops the broker.\n`,
  );
}
