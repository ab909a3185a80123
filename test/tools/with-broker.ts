import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Producer } from '../../src/client/producer.ts';
import { type Broker, startBroker, type TopicDefinition } from '../../src/index.ts';
import type { Tool } from '../../src/tools/shared/tool.ts';
import { type CapturedOptions, runCaptured, type ToolResult } from './captured-io.ts';

/** A broker in this process, tools that are run against it, and a folder for their files. */
export class ToolBench {
  readonly broker: Broker;
  readonly folder = mkdtempSync(join(tmpdir(), 'ottla-test-'));

  private constructor(broker: Broker) {
    this.broker = broker;
  }

  static async start(topics: readonly TopicDefinition[]): Promise<ToolBench> {
    return new ToolBench(await startBroker({ topics, config: { 'group.initial.rebalance.delay.ms': 0 } }));
  }

  async close(): Promise<void> {
    await this.broker.close();
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** Runs a tool with `--bootstrap-server` in front of its arguments. */
  run(tool: Tool, argv: readonly string[], options: CapturedOptions = {}): Promise<ToolResult> {
    return runCaptured(tool, ['--bootstrap-server', this.broker.bootstrapServers, ...argv], options);
  }

  /** Writes a file into the folder; returns its path. */
  file(name: string, text: string): string {
    const path = join(this.folder, name);
    writeFileSync(path, text);
    return path;
  }

  /** Appends `count` records `v0`, `v1`, ... to a partition, with timestamps 1000, 2000, ... */
  async produce(topic: string, partition: number, count: number): Promise<void> {
    const producer = await Producer.create(new Map([['bootstrap.servers', this.broker.bootstrapServers]]));
    await producer.connectTopic(topic);
    for (let i = 0; i < count; i++) {
      producer.send(topic, { partition, timestampMs: 1000 * (i + 1), key: null, value: Buffer.from(`v${i}`) });
    }
    await producer.close();
  }
}
