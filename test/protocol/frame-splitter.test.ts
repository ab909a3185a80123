import { describe, expect, test } from 'vitest';
import { seededRandom } from '../../src/base/random.ts';
import { FrameSplitter } from '../../src/protocol/frame-splitter.ts';

function framed(...bodies: Buffer[]): Buffer {
  return Buffer.concat(
    bodies.flatMap((body) => {
      const size = Buffer.alloc(4);
      size.writeInt32BE(body.length);
      return [size, body];
    }),
  );
}

// Goal: frames come out the same however the stream is cut.
describe('frames from a byte stream', () => {
  test('any cut gives the same frames', () => {
    const random = seededRandom(7);
    const bodies = Array.from({ length: 40 }, () => random.bytes(random.int(3) === 0 ? 0 : random.int(3000)));
    const stream = framed(...bodies);
    for (let round = 0; round < 50; round++) {
      const frames: Buffer[] = [];
      const splitter = new FrameSplitter(4000, (frame) => frames.push(frame));
      for (let at = 0; at < stream.length; ) {
        const length = 1 + random.int(round < 10 ? 6 : 5000);
        splitter.push(stream.subarray(at, at + length));
        at += length;
      }
      expect(frames.length).toBe(bodies.length);
      expect(frames.every((frame, i) => frame.equals(bodies[i] ?? Buffer.alloc(0)))).toBe(true);
    }
  });

  test('a frame within one chunk is a view of it', () => {
    const chunk = framed(Buffer.from('abc'), Buffer.from('defg'));
    const frames: Buffer[] = [];
    new FrameSplitter(100, (frame) => frames.push(frame)).push(chunk);
    expect(frames.map(String)).toEqual(['abc', 'defg']);
    expect(frames[1]?.buffer).toBe(chunk.buffer);
  });

  test.each([
    ['above the limit', '00000065'],
    ['negative', 'ffffffff'],
    ['that is really the start of a TLS record', '16030100'],
  ])('a size %s is refused before its bytes come', (_name, hex) => {
    const refused = expect.objectContaining({ errorName: 'INVALID_REQUEST' });
    expect(() => new FrameSplitter(100, () => {}).push(Buffer.from(hex, 'hex'))).toThrow(refused);
    const bytewise = new FrameSplitter(100, () => {});
    expect(() => {
      for (const byte of Buffer.from(hex, 'hex')) bytewise.push(Buffer.from([byte]));
    }).toThrow(refused);
  });
});
