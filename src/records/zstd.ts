import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { KafkaError } from '../base/kafka-error.ts';
import { nodeZlib } from './node-zlib.ts';

/**
 * zstd from node:zlib where it exists (Node 22.15 and newer), else from @bokuweb/zstd-wasm. The package's own start is
 * asynchronous, but appending is not: the module is compiled on the spot when the first zstd batch is seen.
 */

interface ZstdOfNode {
  readonly gunzipSync: unknown;
  readonly constants: Record<string, number>;
  zstdCompressSync(data: Buffer, options: { params: Record<number, number> }): Buffer;
  zstdDecompressSync(data: Buffer, options: { maxOutputLength: number }): Buffer;
}

// @types/node has only a part of this; Node has it whole.
declare const WebAssembly: {
  readonly Module: new (binary: Uint8Array) => object;
  readonly Instance: new (module: object, imports: object) => object;
};

/** What is used of the package's emscripten module; pointers are positions in HEAPU8. */
interface ZstdModule {
  HEAPU8: Uint8Array;
  instantiateWasm: (imports: object, receive: (instance: object, module: object) => unknown) => unknown;
  init(binary: Uint8Array): void;
  _malloc(sizeBytes: number): number;
  _free(pointer: number): void;
  _ZSTD_compressBound(sizeBytes: number): number;
  _ZSTD_compress(to: number, toBytes: number, from: number, fromBytes: number, level: number): number;
  _ZSTD_decompress(to: number, toBytes: number, from: number, fromBytes: number): number;
  _ZSTD_isError(code: number): number;
}

const FRAME_MAGIC = 0xfd2fb528;
const FIRST_GUESS_BYTES = 256 * 1024;
const DESTINATION_TOO_SMALL = -70;
// What stays allocated in the module between calls would stay for good: WebAssembly memory never shrinks.
const MAX_WASM_BYTES = 512 * 1024 * 1024;

let wasm: ZstdModule | undefined;

function ofNode(): ZstdOfNode | undefined {
  const candidate: Partial<ZstdOfNode> = nodeZlib();
  const { zstdCompressSync, zstdDecompressSync, gunzipSync, constants } = candidate;
  if (zstdCompressSync === undefined || zstdDecompressSync === undefined || constants === undefined) return undefined;
  return { zstdCompressSync, zstdDecompressSync, gunzipSync, constants };
}

function loadWasm(): ZstdModule {
  if (wasm !== undefined) return wasm;
  const require = createRequire(import.meta.url);
  const folder = dirname(require.resolve('@bokuweb/zstd-wasm'));
  const binary = readFileSync(join(folder, 'zstd.wasm'));
  const module: ZstdModule = require(join(folder, 'module.js')).Module;
  module.instantiateWasm = (imports, receive) => {
    const compiled = new WebAssembly.Module(binary);
    return receive(new WebAssembly.Instance(compiled, imports), compiled);
  };
  module.init(binary);
  wasm = module;
  return module;
}

function allocate(module: ZstdModule, sizeBytes: number): number {
  const pointer = module._malloc(Math.max(sizeBytes, 1));
  if (pointer === 0) throw new KafkaError('MESSAGE_TOO_LARGE', `zstd has no memory for ${sizeBytes} bytes`);
  return pointer;
}

/** Calls `run` with `data` copied into the module's memory and `toBytes` of room; frees both. */
function withMemory(data: Buffer, toBytes: number, run: (module: ZstdModule, from: number, to: number) => number) {
  const module = loadWasm();
  const from = allocate(module, data.length);
  try {
    module.HEAPU8.set(data, from);
    const to = allocate(module, toBytes);
    try {
      const size = run(module, from, to);
      if (module._ZSTD_isError(size) !== 0) return size;
      return Buffer.from(module.HEAPU8.subarray(to, to + size));
    } finally {
      module._free(to);
    }
  } finally {
    module._free(from);
  }
}

export function compressZstd(records: Buffer, level: number): Buffer {
  const native = ofNode();
  if (native !== undefined) {
    return native.zstdCompressSync(records, {
      params: { [native.constants['ZSTD_c_compressionLevel'] ?? 100]: level },
    });
  }
  const bound = loadWasm()._ZSTD_compressBound(records.length);
  const result = withMemory(records, bound, (module, from, to) =>
    module._ZSTD_compress(to, bound, from, records.length, level),
  );
  if (typeof result === 'number') throw new KafkaError('UNKNOWN_SERVER_ERROR', `zstd failed with code ${result}`);
  return result;
}

/** Decompresses all frames, at most `maxBytes`. */
export function decompressZstd(compressed: Buffer, maxBytes: number): Buffer {
  if (compressed.length < 4 || compressed.readUInt32LE(0) !== FRAME_MAGIC) {
    throw new KafkaError('CORRUPT_MESSAGE', 'Failed to decompress record batch with zstd: the frame magic is missing');
  }
  const native = ofNode();
  if (native !== undefined) return native.zstdDecompressSync(compressed, { maxOutputLength: maxBytes });
  // Kafka's frames do not say how large they unfold: the room is doubled until it is enough.
  const limit = Math.min(maxBytes, MAX_WASM_BYTES);
  let room = Math.min(limit, Math.max(FIRST_GUESS_BYTES, compressed.length * 4));
  for (;;) {
    const toBytes = room;
    const result = withMemory(compressed, toBytes, (module, from, to) =>
      module._ZSTD_decompress(to, toBytes, from, compressed.length),
    );
    if (typeof result !== 'number') return result;
    if (result !== DESTINATION_TOO_SMALL) {
      throw new KafkaError('CORRUPT_MESSAGE', `Failed to decompress record batch with zstd: code ${result}`);
    }
    if (room >= limit) {
      throw new KafkaError('MESSAGE_TOO_LARGE', `zstd records unfold to more than ${maxBytes} bytes`);
    }
    room = Math.min(limit, room * 4);
  }
}
