import { JavaException } from './java-errors.ts';

type JoptClass =
  | 'UnrecognizedOptionException'
  | 'OptionMissingRequiredArgumentException'
  | 'OptionArgumentConversionException'
  | 'MultipleArgumentsForOptionException'
  | 'MissingRequiredOptionsException'
  | 'UnavailableOptionException';

/** A command line that the option parser refuses; class and text are those of jopt-simple, which Kafka's tools use. */
export class JoptError extends JavaException {
  constructor(className: JoptClass, message: string) {
    super(`joptsimple.${className}`, message);
    this.name = 'JoptError';
  }
}

export function unrecognizedOption(name: string): JoptError {
  return new JoptError('UnrecognizedOptionException', `${name} is not a recognized option`);
}
