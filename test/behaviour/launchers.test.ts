/** Goal: every command of the package starts, under Kafka's name, with and without `.sh`, and as `ottla <name>`. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { repository, run } from '../support/processes.ts';

const manifest = JSON.parse(readFileSync(join(repository, 'package.json'), 'utf8')) as { bin: Record<string, string> };

test.each(['kafka-topics', 'kafka-topics.sh', 'kafka-topic.sh', 'kafka-console-consumer.sh', 'kafka-configs'])(
  'bin/%s is executable',
  async (name) => {
    const { stdout, code } = await run(join(repository, 'bin', name), ['--version']);
    expect(stdout).toBe('4.4.0\n');
    expect(code).toBe(0);
  },
);

test('ottla knows each tool by its short name, and says what it does not know', async () => {
  const ottla = join(repository, 'bin/ottla');
  expect((await run(ottla, ['topics', '--version'])).stdout).toBe('4.4.0\n');
  expect((await run(ottla, ['kafka-topics.sh', '--version'])).stdout).toBe('4.4.0\n');
  const { stderr, code } = await run(ottla, ['topcis']);
  expect(stderr).toContain('"topcis"');
  expect(code).toBe(1);
});

test('every bin of the package is built', () => {
  for (const path of Object.values(manifest.bin))
    expect(readFileSync(join(repository, path), 'utf8')).toMatch(/^#!.*node/);
});
