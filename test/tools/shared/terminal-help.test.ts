/** Goal: help at a terminal starts with examples and shows every option with its argument and its default. */
import { describe, expect, test } from 'vitest';
import { tool as acls } from '../../../src/tools/acls/command.ts';
import { tool as consoleConsumer } from '../../../src/tools/console-consumer/command.ts';
import { tool as latency } from '../../../src/tools/e2e-latency/command.ts';
import type { Tool } from '../../../src/tools/shared/tool.ts';
import { loadTool, toolNames } from '../../../src/tools/tools.ts';
import { tool as transactions } from '../../../src/tools/transactions/command.ts';
import { runCaptured } from '../captured-io.ts';

const help = async (tool: Tool, ...argv: string[]) =>
  (await runCaptured(tool, [...argv, '--help'], { terminal: true })).stdout;

describe('help at a terminal', () => {
  test('shows what an option is without being given', async () => {
    const text = await help(consoleConsumer);
    expect(text).toMatch(/--offset <consume offset> [\s\S]*?\(default: latest\)/);
    expect(text).toMatch(/--isolation-level [\s\S]*?\(default:\s+read_uncommitted\)/);
  });

  test('keeps the names of options that are called value themselves', async () => {
    expect(await help(consoleConsumer)).toContain('--value-deserializer <deserializer for values>');
  });

  test('is help for kafka-e2e-latency too, whose arguments once had places', async () => {
    expect(await help(latency)).toContain('Examples:\n');
  });

  test('of a tool with an argparse command line, and of its sub-commands, shows our own option too', async () => {
    const output = /--output \{text,json\} +Print text or JSON\. \(default: text\)\n/;
    expect(await help(transactions)).toMatch(output);
    expect(await help(transactions, 'find-hanging')).toMatch(output);
  });

  test('calls an argument that Kafka gives no name a value', async () => {
    expect(await help(acls)).toContain('--operation <value>');
  });

  const names = toolNames().filter((name) => /^kafka-/.test(name));
  test.each(names)('%s has examples, or says that it is not there', async (name) => {
    const tool = (await loadTool(name))?.tool;
    if (tool === undefined) throw new Error(`there is no ${name}`);
    const { stdout, stderr, exitCode } = await runCaptured(tool, ['--help'], { terminal: true });
    expect([stderr.replace(/^.* WARN .*\n/, ''), exitCode]).toEqual(['', 0]);
    expect(stdout).toMatch(tool.summary.includes('not available') ? /^Not available in ottla yet/ : /^Examples:\n/m);
  });
});
