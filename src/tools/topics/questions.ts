import { LOCAL_BROKER } from '../shared/local-broker.ts';
import { askText } from '../shared/terminal.ts';
import type { TopicsLine } from './command.ts';

/** Asks a person at a terminal for what a command line lacks; returns `argv` itself when nothing does. */
export async function completeArguments(line: TopicsLine, argv: readonly string[]): Promise<readonly string[]> {
  const added: string[] = [];
  if (!line.has('bootstrap-server')) {
    added.push('--bootstrap-server', await askText('Address of a broker:', LOCAL_BROKER));
  }
  if ((line.has('create') || line.has('alter') || line.has('delete')) && !line.has('topic')) {
    added.push('--topic', await askText('Name of the topic:'));
    if (line.has('create') && !line.has('replica-assignment')) {
      if (!line.has('partitions')) added.push('--partitions', await askText('Number of partitions:', '1'));
      if (!line.has('replication-factor')) added.push('--replication-factor', await askText('Replicas of each:', '1'));
    }
  }
  if (line.has('alter') && !line.has('partitions')) {
    added.push('--partitions', await askText('Number of partitions (more than now):'));
  }
  return added.length === 0 ? argv : [...argv, ...added];
}
