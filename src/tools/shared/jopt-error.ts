type JoptClass =
  | 'UnrecognizedOptionException'
  | 'OptionMissingRequiredArgumentException'
  | 'OptionArgumentConversionException'
  | 'MultipleArgumentsForOptionException'
  | 'MissingRequiredOptionsException'
  | 'UnavailableOptionException';

/** A command line that the option parser refuses; class and text are those of jopt-simple, which Kafka's tools use. */
export class JoptError extends Error {
  /** Full Java class name, as Kafka's tools print it. */
  readonly className: string;

  constructor(className: JoptClass, message: string) {
    super(message);
    this.name = 'JoptError';
    this.className = `joptsimple.${className}`;
  }
}

export function unrecognizedOption(name: string): JoptError {
  return new JoptError('UnrecognizedOptionException', `${name} is not a recognized option`);
}
