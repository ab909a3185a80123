import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ClusterError } from './layout.ts';
import type { OttlaCommand } from './node-process.ts';

/**
 * How this very package is run as a program: `bin/ottla` of the folder that this file lies in, whether bundled or not.
 */
export function ottlaCommand(): OttlaCommand {
  let folder = dirname(fileURLToPath(import.meta.url));
  for (;;) {
    const launcher = join(folder, 'bin', 'ottla');
    if (existsSync(launcher) && existsSync(join(folder, 'package.json')))
      return { program: process.execPath, args: [launcher] };
    const parent = dirname(folder);
    if (parent === folder) throw new ClusterError('bin/ottla is missing; in a clone run: npm run build');
    folder = parent;
  }
}
