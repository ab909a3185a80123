/** Goal: help at a terminal starts with examples and shows every option with its argument and its default. */
import { describe, expect, test } from 'vitest';
import { tool as consoleConsumer } from '../../../src/tools/console-consumer/command.ts';
import { tool as latency } from '../../../src/tools/e2e-latency/command.ts';
import type { Tool } from '../../../src/tools/shared/tool.ts';
import { loadTool, toolNames } from '../../../src/tools/tools.ts';
import { runCaptured } from '../captured-io.ts';

const help = async (tool: Tool) => (await runCaptured(tool, ['--help'], { terminal: true })).stdout;

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

  const names = toolNames().filter((name) => /^kafka-/.test(name) && name !== 'kafka-server-start');
  test.each(names)('%s has examples, unless it is not there', async (name) => {
    const tool = (await loadTool(name))?.tool;
    if (tool === undefined) throw new Error(`there is no ${name}`);
    const { stdout, exitCode } = await runCaptured(tool, ['--help'], { terminal: true });
    expect(exitCode).toBe(0);
    if (!tool.summary.includes('not available')) expect(stdout).toContain('Examples:\n');
  });
});
