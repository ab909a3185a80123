import { tool as serve } from '../serve/command.ts';
import type { Tool, ToolIo } from '../shared/tool.ts';

const USAGE = 'USAGE: kafka-server-start [-daemon] server.properties [--override property=value]*\n';

/**
 * Kafka's server script: a properties file, then overrides. `-daemon` is refused, because a broker that nobody sees is
 * what `ottla cluster start --detach` is for.
 */
async function run(argv: readonly string[], io: ToolIo): Promise<number> {
  const [file, ...rest] = argv;
  if (file === undefined || file === '--help') {
    io.stderr.write(USAGE);
    return 1;
  }
  if (file === '-daemon') {
    io.stderr.write(
      'kafka-server-start: -daemon is not supported; ottla cluster start --brokers 1 --detach runs a broker in the background\n',
    );
    return 1;
  }
  return serve.run(['--config', file, ...rest], io);
}

export const tool: Tool = { name: 'kafka-server-start', summary: 'run a broker from a server.properties', run };
