import { BatchBuilder } from '../src/records/batch-builder.ts';
import { RecordCursor } from '../src/records/record-cursor.ts';

for (let round = 0; round < 4; round++) {
  const source = Buffer.alloc(100000, 'x');
  let s = performance.now();
  const b = new BatchBuilder(16384);
  const batches: Buffer[] = [];
  for (let i = 0; i < 1e6; i++) {
    const at = (i % 1000) * 100;
    b.appendSlice(1700000000000 + (i >> 7), source, at, at + 99);
    if (b.sizeBytes > 16000) batches.push(b.finish());
  }
  console.log('build', performance.now() - s, batches.length);
  s = performance.now();
  const c = new RecordCursor();
  let n = 0,
    t = 0;
  for (const x of batches) {
    c.open(x, 0);
    while (c.next()) {
      n++;
      t += c.valueLength;
    }
  }
  console.log('iterate', performance.now() - s, n, t);
}
