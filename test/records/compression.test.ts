import { randomBytes } from 'node:crypto';
import lz4 from 'lz4-napi';
import snappy from 'snappy';
import { describe, expect, test } from 'vitest';
import { type CodecName, compress, decompress } from '../../src/records/compression.ts';

const CODECS: CodecName[] = ['gzip', 'snappy', 'lz4', 'zstd'];
const MAX = 64 * 1024 * 1024;
const text = Buffer.from('The quick brown fox jumps over the lazy dog. '.repeat(10_000));

describe.each(CODECS)('%s', (codec) => {
  test('what was compressed comes back, whatever its size', () => {
    for (const plain of [Buffer.from('a'), text, randomBytes(200_000), Buffer.alloc(65536), Buffer.alloc(65537, 1)]) {
      expect(decompress(codec, compress(codec, plain), MAX).equals(plain)).toBe(true);
    }
  });

  test('a bomb stops at the limit with MESSAGE_TOO_LARGE', () => {
    const bomb = compress(codec, Buffer.alloc(8 * 1024 * 1024));
    expect(() => decompress(codec, bomb, 1024 * 1024)).toThrowError(
      expect.objectContaining({ errorName: 'MESSAGE_TOO_LARGE' }),
    );
    expect(decompress(codec, bomb, 8 * 1024 * 1024)).toHaveLength(8 * 1024 * 1024);
  });

  test('bytes that are cut off or damaged are KafkaErrors', () => {
    const whole = compress(codec, text);
    expect(() => decompress(codec, whole.subarray(0, whole.length - 9), MAX)).toThrowError(
      expect.objectContaining({ errorName: 'CORRUPT_MESSAGE' }),
    );
    expect(() => decompress(codec, Buffer.alloc(0), MAX)).toThrowError(
      expect.objectContaining({ errorName: 'CORRUPT_MESSAGE' }),
    );
    for (let i = 0; i < 300; i++) {
      const damaged = Buffer.from(whole);
      damaged[Math.floor((i * whole.length) / 300)] = i & 0xff;
      try {
        decompress(codec, damaged, MAX);
      } catch (error) {
        expect(error).toMatchObject({ name: 'KafkaError' });
      }
    }
  });
});

describe('framings', () => {
  test('are Kafka’s own', () => {
    expect(compress('gzip', text).subarray(0, 3).toString('hex')).toBe('1f8b08');
    expect(compress('snappy', text).subarray(0, 16).toString('hex')).toBe('82534e41505059000000000100000001');
    expect(compress('lz4', text).subarray(0, 7).toString('hex')).toBe('04224d18604082');
    expect(compress('lz4', text).subarray(-4).toString('hex')).toBe('00000000');
    expect(compress('zstd', text).subarray(0, 4).toString('hex')).toBe('28b52ffd');
  });

  test('snappy without a container is read, and its claimed size is not believed', () => {
    expect(decompress('snappy', snappy.compressSync(text), MAX).equals(text)).toBe(true);
    expect(() => decompress('snappy', Buffer.from('ffffffff0f0061', 'hex'), MAX)).toThrowError(
      expect.objectContaining({ errorName: 'MESSAGE_TOO_LARGE' }),
    );
  });

  test('lz4 frames of other writers are read: checksums, large blocks, content size', () => {
    const plain = Buffer.concat([text, text, text]);
    for (const options of [{}, { blockChecksums: true }, { contentChecksum: true, blockChecksums: true }]) {
      expect(decompress('lz4', lz4.compressFrameSync(plain, options), MAX).equals(plain)).toBe(true);
    }
    expect(lz4.decompressFrameSync(compress('lz4', plain)).equals(plain)).toBe(true);
  });

  test('lz4 blocks that refer to the block before are read', () => {
    const first = Buffer.from(text.subarray(0, 65536));
    const second = Buffer.from(text.subarray(65536, 100_000));
    const part = (plain: Buffer, dictionary?: Buffer): Buffer => {
      const block = dictionary === undefined ? lz4.compressSync(plain) : lz4.compressSync(plain, dictionary);
      block.writeUInt32LE(block.length - 4, 0);
      return block;
    };
    const frame = Buffer.concat([
      Buffer.from('04224d18404000', 'hex'),
      part(first),
      part(second, first),
      Buffer.alloc(4),
    ]);
    expect(decompress('lz4', frame, MAX).equals(Buffer.concat([first, second]))).toBe(true);
  });
});
