/** Whether a value that was read from YAML is a map. */
export function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The items of what may be a list, one item without a list, or absent. */
export function itemsOf(value: unknown): unknown[] {
  return value === undefined || value === null ? [] : [value].flat();
}

/**
 * Variables of a service, which may be a map or a list of `NAME=value`; null for one without a value, which is to be
 * taken from the launcher's own environment.
 */
export function variablesOf(value: unknown): Record<string, string | null> {
  const pairs = Array.isArray(value)
    ? value.map((item): [string, unknown] => {
        const [, name, text] = /^([^=]*)(?:=(.*))?$/s.exec(String(item)) ?? [];
        return [name ?? '', text];
      })
    : Object.entries(isMap(value) ? value : {});
  return Object.fromEntries(
    pairs.flatMap(([name, item]) =>
      name === '' ? [] : [[name, item === undefined || item === null ? null : String(item)]],
    ),
  );
}

/** Where a volume is mounted, and whether it may be written there: `source:target[:mode]`, or a map with `target`. */
export function mountOf(volume: unknown): { readonly target: string; readonly isReadOnly: boolean } {
  if (isMap(volume)) return { target: String(volume['target']), isReadOnly: volume['read_only'] === true };
  const [source = '', target = source, mode = ''] = String(volume).split(':');
  return { target, isReadOnly: mode.split(',').includes('ro') };
}
