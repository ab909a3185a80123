import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { apacheKafka, BackgroundProcess, freePort, run, until } from './processes.ts';

/** How a node of Apache Kafka is set up. */
export interface KafkaNodeOptions {
  /** A folder of its own. */
  readonly folder: string;
  readonly clusterId: string;
  readonly properties: Readonly<Record<string, string>>;
  /** Further arguments of `kafka-storage format`. */
  readonly format?: readonly string[];
}

const HEAP = { HEAP: '-Xmx384m' };

/** A node of the released Apache Kafka with any properties, as member of whatever cluster. */
export class KafkaNode {
  readonly propertiesPath: string;
  readonly #process: BackgroundProcess;

  private constructor(propertiesPath: string, process: BackgroundProcess) {
    this.propertiesPath = propertiesPath;
    this.#process = process;
  }

  /** Formats a folder, runs Kafka on it and waits until it says that it has started. */
  static async start(options: KafkaNodeOptions): Promise<KafkaNode> {
    const { folder, clusterId, properties, format = [] } = options;
    const dataDir = join(folder, 'data');
    mkdirSync(dataDir, { recursive: true });
    const lines = Object.entries({ ...properties, 'log.dirs': dataDir }).map(([name, value]) => `${name}=${value}`);
    const propertiesPath = join(folder, 'node.properties');
    writeFileSync(propertiesPath, `${lines.join('\n')}\n`);
    const formatted = await run(
      apacheKafka,
      ['kafka-storage', 'format', '-t', clusterId, '-c', propertiesPath, ...format],
      { env: HEAP },
    );
    if (formatted.code !== 0) throw new Error(`kafka-storage format ended with ${formatted.code}: ${formatted.stderr}`);
    // What the script has by default, the port among it, is overridden by the lines given.
    const kafka = new BackgroundProcess(apacheKafka, ['broker', folder, String(await freePort()), ...lines], {
      env: HEAP,
    });
    const node = new KafkaNode(propertiesPath, kafka);
    await until(
      'Kafka has started',
      () => {
        if (kafka.exit !== undefined) throw new Error(`Kafka ended with ${kafka.exit.code}: ${node.log.slice(-2000)}`);
        return node.log.includes('Kafka Server started');
      },
      120_000,
    );
    return node;
  }

  /** All that it has logged. */
  get log(): string {
    return `${this.#process.stdout}${this.#process.stderr}`;
  }

  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    await this.#process.stop(signal, 60_000);
  }
}
