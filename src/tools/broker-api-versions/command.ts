import { describeApiVersions } from '../../client/admin/cluster.ts';
import { messageAndTrace, withAdmin } from '../shared/admin-session.ts';
import { apiVersionsOf, apiVersionsText, type NodeVersionRanges } from '../shared/api-versions-text.ts';
import { type CommandLine, type CommandLineSpec, parseCommandLine } from '../shared/command-line.ts';
import { JavaException, javaMessageOf } from '../shared/java-errors.ts';
import { printJson } from '../shared/json-output.ts';
import { terminalTable } from '../shared/terminal.ts';
import type { Tool, ToolIo } from '../shared/tool.ts';
import { BROKER_API_VERSIONS_OPTIONS } from './options.ts';

type ApiVersionsLine = CommandLine<typeof BROKER_API_VERSIONS_OPTIONS>;

const SPEC: CommandLineSpec<typeof BROKER_API_VERSIONS_OPTIONS> = {
  name: 'kafka-broker-api-versions',
  options: BROKER_API_VERSIONS_OPTIONS,
  helpSentence: 'This tool helps to retrieve broker version information.',
  parserErrors: 'message and trace',
  examples: [{ does: 'see which requests each broker understands', line: '--bootstrap-server localhost:9092' }],
};

/** Kafka's tool gives up sooner than an admin client. */
const TIMEOUT_MS = 5000;

async function printVersions(line: ApiVersionsLine, io: ToolIo): Promise<void> {
  const bootstrapServer = line.valueOf('bootstrap-server') ?? '';
  const address = { bootstrapServer, commandConfig: line.valueOf('command-config') };
  await withAdmin(io, address, async (admin) => {
    const nodes = await describeApiVersions(admin, { timeoutMs: TIMEOUT_MS }).catch((error: unknown) => {
      const addresses = bootstrapServer.split(',').map((one, i) => `${one} (id: ${-1 - i} rack: null isFenced: false)`);
      const text = `Request METADATA failed on brokers [${addresses.join(', ')}]`;
      throw new JavaException('java.lang.RuntimeException', text, { cause: error });
    });
    const documents: unknown[] = [];
    for (const { node, versions } of nodes) {
      const name = `${node.host}:${node.port} (id: ${node.id} rack: ${node.rack ?? 'null'} isFenced: false)`;
      if (versions instanceof Error) {
        if (line.output === 'json') documents.push({ node, error: versions.message });
        else io.stdout.write(`${name} -> ERROR: ${javaMessageOf(versions)}\n`);
        continue;
      }
      const ranges: NodeVersionRanges = versions.apiVersions;
      if (line.output === 'json') documents.push({ node, apis: apiVersionsOf(ranges) });
      else if (io.terminal.stdout) {
        const rows = apiVersionsOf(ranges).map((api) => [String(api.key), api.name, api.versions, api.usable]);
        io.stdout.write(`${name}\n${await terminalTable(['Key', 'Request', 'Versions', 'Usable'], rows)}`);
      } else io.stdout.write(`${name} -> ${apiVersionsText(ranges)}\n`);
    }
    if (line.output === 'json') printJson(io, documents);
  });
}

/** kafka-broker-api-versions */
export const tool: Tool = {
  name: 'kafka-broker-api-versions',
  summary: 'show which requests brokers understand',
  answersInJson: true,
  async run(argv, io) {
    const line = parseCommandLine(SPEC, argv, io);
    line.require('bootstrap-server');
    try {
      await printVersions(line, io);
      return 0;
    } catch (error) {
      throw messageAndTrace(error);
    }
  },
};
