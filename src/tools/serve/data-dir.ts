import { userInfo } from 'node:os';
import { join } from 'node:path';

/**
 * Where a broker keeps its data between runs unless told otherwise: `ottla/broker` in the user's data folder
 * ($XDG_DATA_HOME, by default ~/.local/share; on Windows %LOCALAPPDATA%).
 */
export function defaultDataDir(
  env: Readonly<Record<string, string | undefined>>,
  platform: NodeJS.Platform = process.platform,
): string {
  const xdg = env['XDG_DATA_HOME'];
  // The specification has relative paths ignored.
  if (xdg?.startsWith('/')) return join(xdg, 'ottla', 'broker');
  const local = env['LOCALAPPDATA'];
  if (platform === 'win32' && local !== undefined && local !== '') return join(local, 'ottla', 'broker');
  return join(env['HOME'] || userInfo().homedir, '.local', 'share', 'ottla', 'broker');
}
