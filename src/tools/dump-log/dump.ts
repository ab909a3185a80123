import { basename } from 'node:path';
import type { ToolIo } from '../shared/tool.ts';
import type { DumpLine } from './command.ts';
import { Findings } from './findings.ts';
import { dumpOffsetIndex, dumpTimeIndex } from './indexes.ts';
import { dumpLog } from './log-file.ts';
import { messageParser } from './parsers.ts';
import { dumpProducerSnapshot, dumpTransactionIndex } from './state-files.ts';

const CONTENT_OPTIONS = [
  'print-data-log',
  'offsets-decoder',
  'transaction-log-decoder',
  'cluster-metadata-decoder',
  'remote-log-metadata-decoder',
  'value-decoder-class',
  'key-decoder-class',
  'share-group-state-decoder',
] as const;

/** What an option line says about how to dump, the same for every file. */
export interface DumpOptions {
  readonly printsContents: boolean;
  readonly printsRecords: boolean;
  readonly skipsRecordMetadata: boolean;
  readonly maxBytes: number;
  readonly maxMessageSize: number;
  readonly sanityOnly: boolean;
  readonly verifyOnly: boolean;
}

function optionsOf(line: DumpLine): DumpOptions {
  const printsContents = CONTENT_OPTIONS.some((option) => line.has(option));
  return {
    printsContents,
    printsRecords: printsContents || line.has('deep-iteration'),
    skipsRecordMetadata: line.has('skip-record-metadata'),
    maxBytes: line.integerOf('max-bytes') ?? 0x7fffffff,
    maxMessageSize: line.integerOf('max-message-size') ?? 0,
    sanityOnly: line.has('index-sanity-check'),
    verifyOnly: line.has('verify-index-only'),
  };
}

/** Dumps every file of `--files`, then what is wrong with them. Throws JavaException for what stops Kafka's tool. */
export async function dumpFiles(line: DumpLine, io: ToolIo): Promise<number> {
  const findings = new Findings();
  for (const file of (line.valueOf('files') ?? '').split(',')) {
    io.stdout.write(`Dumping ${file}\n`);
    // Read here, because Kafka's tool complains about a number only when it comes to a file.
    const options = optionsOf(line);
    const name = basename(file);
    const suffix = name.includes('.') ? name.slice(name.lastIndexOf('.')) : '';
    switch (suffix) {
      case '.log':
      case '.checkpoint':
        await dumpLog(file, options, messageParser(line), findings, io);
        break;
      case '.index':
        dumpOffsetIndex(file, options, findings, io);
        break;
      case '.timeindex':
        dumpTimeIndex(file, options, findings, io);
        break;
      case '.snapshot':
        dumpProducerSnapshot(file, io);
        break;
      case '.txnindex':
        dumpTransactionIndex(file, io);
        break;
      default:
        io.stderr.write(`Ignoring unknown file ${file}\n`);
    }
  }
  findings.print(io);
  return 0;
}
