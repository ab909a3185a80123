import type { CommandLineSpec } from './command-line.ts';
import type { OptionDeclarations } from './option-types.ts';
import { commanderOf } from './options.ts';

/** The help for people: what the tool does, examples first, then every option with its default. */
export function terminalHelp<D extends OptionDeclarations>(spec: CommandLineSpec<D>, columns: number): string {
  const command = commanderOf(spec.name, spec.options);
  for (const option of command.options) {
    const declaration = spec.options[option.long?.slice(2) ?? ''];
    if (declaration === undefined) continue;
    const argument = declaration.argument || 'value';
    option.flags = option.flags.replace(/(?<=[<[])value(?=[>\]])/, () => argument);
    // The parser has no defaults; it must know what was given.
    const defaults = declaration.defaults?.join(', ');
    if (defaults !== undefined) option.default(defaults, defaults);
    // Kafka's lists of valid names belong in the documentation, not between two options.
    option.description = declaration.description.replace(/[\n\t]+/g, ' ').replace(/ The following is a list.*$/s, '');
  }
  command.usage(spec.usage ?? '[options]');
  command.option('--output <text|json>', 'Print text or JSON.', 'text');
  command.configureHelp({ helpWidth: columns, sortOptions: true });
  const examples = spec.examples.map(({ does, line }) => `  # ${does}\n  ${spec.name} ${line}\n`).join('\n');
  const remark = spec.remark === undefined ? '' : `${spec.remark}\n\n`;
  return `${remark}${spec.helpSentence}\n\n${examples === '' ? '' : `Examples:\n${examples}\n`}${command.helpInformation()}`;
}
