const MASK = 0xffff_ffff_ffff_ffffn;
const PRIME32_1 = 0x9e37_79b1n;
const PRIME32_2 = 0x85eb_ca77n;
const PRIME32_3 = 0xc2b2_ae3dn;
const PRIME64_1 = 0x9e37_79b1_85eb_ca87n;
const PRIME64_2 = 0xc2b2_ae3d_27d4_eb4fn;
const PRIME64_3 = 0x1656_67b1_9e37_79f9n;
const PRIME64_4 = 0x85eb_ca77_c2b2_ae63n;
const PRIME64_5 = 0x27d4_eb2f_1656_67c5n;
const PRIME_MX1 = 0x1656_6791_9e37_79f9n;
const PRIME_MX2 = 0x9fb2_1c65_1e98_df25n;

/** The secret that the algorithm's specification gives. */
const SECRET = Buffer.from(
  'b8fe6c3923a44bbe7c01812cf721ad1cded46de9839097db7240a4a4b7b3671fcb79e64eccc0e578825ad07dccff7221' +
    'b8084674f743248ee03590e6813a264c3c2852bb91c300cb88d0658b1b532ea371644897a20df94e3819ef46a9deacd8' +
    'a8fa763fe39c343ff9dcbbc7c70b4f1d8a51e04bcdb45931c89f7ec9d9787364eac5ac8334d3ebc3c581a0fffa1363eb' +
    '170ddd51b7f0da49d316552629d4689e2b16be587d47a1fc8ff8b8d17ad031ce45cb3a8f95160428afd7fbcabb4b407e',
  'hex',
);
const STRIPE_BYTES = 64;
const STRIPES_PER_BLOCK = (SECRET.length - STRIPE_BYTES) / 8;

/**
 * XXH3 with 64 bits and seed 0, as an unsigned number. Kafka fingerprints the topics of a group with it. Made for small
 * inputs now and then: it computes with BigInt.
 */
export function xxh3(input: Buffer): bigint {
  const { length } = input;
  if (length > 240) return hashLong(input);
  if (length > 128) return hash129to240(input);
  if (length > 16) return hash17to128(input);
  return hash0to16(input);
}

const wrap = (value: bigint): bigint => value & MASK;
const secretAt = (at: number): bigint => SECRET.readBigUInt64LE(at);

function fold(a: bigint, b: bigint): bigint {
  const product = a * b;
  return wrap(product) ^ (product >> 64n);
}

function rotateLeft(value: bigint, bits: bigint): bigint {
  return wrap(value << bits) | (value >> (64n - bits));
}

function swapBytes(value: bigint): bigint {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(value);
  return bytes.readBigUInt64BE();
}

function avalanche(hash: bigint): bigint {
  const mixed = wrap((hash ^ (hash >> 37n)) * PRIME_MX1);
  return mixed ^ (mixed >> 32n);
}

function avalancheXxh64(hash: bigint): bigint {
  let mixed = wrap((hash ^ (hash >> 33n)) * PRIME64_2);
  mixed = wrap((mixed ^ (mixed >> 29n)) * PRIME64_3);
  return mixed ^ (mixed >> 32n);
}

function hash0to16(input: Buffer): bigint {
  const { length } = input;
  if (length > 8) {
    const low = input.readBigUInt64LE(0) ^ secretAt(24) ^ secretAt(32);
    const high = input.readBigUInt64LE(length - 8) ^ secretAt(40) ^ secretAt(48);
    return avalanche(wrap(BigInt(length) + swapBytes(low) + high + fold(low, high)));
  }
  if (length >= 4) {
    const both = BigInt(input.readUInt32LE(length - 4)) + (BigInt(input.readUInt32LE(0)) << 32n);
    return mixStrongly(both ^ secretAt(8) ^ secretAt(16), length);
  }
  if (length === 0) return avalancheXxh64(secretAt(56) ^ secretAt(64));
  const [first = 0, middle = 0, last = 0] = [input[0], input[length >> 1], input[length - 1]];
  const combined = BigInt(((first << 16) | (middle << 24) | last | (length << 8)) >>> 0);
  return avalancheXxh64(combined ^ BigInt((SECRET.readUInt32LE(0) ^ SECRET.readUInt32LE(4)) >>> 0));
}

function mixStrongly(value: bigint, length: number): bigint {
  let hash = value ^ rotateLeft(value, 49n) ^ rotateLeft(value, 24n);
  hash = wrap(hash * PRIME_MX2);
  hash ^= (hash >> 35n) + BigInt(length);
  hash = wrap(hash * PRIME_MX2);
  return hash ^ (hash >> 28n);
}

function mix16(input: Buffer, at: number, secret: number): bigint {
  return fold(input.readBigUInt64LE(at) ^ secretAt(secret), input.readBigUInt64LE(at + 8) ^ secretAt(secret + 8));
}

function hash17to128(input: Buffer): bigint {
  const { length } = input;
  let sum = BigInt(length) * PRIME64_1;
  // From the outside to the inside, two pieces of 16 bytes at a time.
  for (let i = 0; length > 32 * i; i++) {
    sum += mix16(input, 16 * i, 32 * i) + mix16(input, length - 16 * (i + 1), 32 * i + 16);
  }
  return avalanche(wrap(sum));
}

function hash129to240(input: Buffer): bigint {
  const { length } = input;
  let sum = BigInt(length) * PRIME64_1;
  for (let i = 0; i < 8; i++) sum += mix16(input, 16 * i, 16 * i);
  sum = avalanche(wrap(sum));
  for (let i = 8; i < Math.floor(length / 16); i++) sum += mix16(input, 16 * i, 16 * (i - 8) + 3);
  return avalanche(wrap(sum + mix16(input, length - 16, 119)));
}

function hashLong(input: Buffer): bigint {
  const { length } = input;
  const lanes = [PRIME32_3, PRIME64_1, PRIME64_2, PRIME64_3, PRIME64_4, PRIME32_2, PRIME64_5, PRIME32_1];
  const stripes = Math.floor((length - 1) / STRIPE_BYTES);
  for (let i = 0; i < stripes; i++) {
    accumulate(lanes, input, i * STRIPE_BYTES, (i % STRIPES_PER_BLOCK) * 8);
    if ((i + 1) % STRIPES_PER_BLOCK === 0) scramble(lanes);
  }
  // The last stripe may overlap the one before and is taken with a secret of its own.
  accumulate(lanes, input, length - STRIPE_BYTES, SECRET.length - STRIPE_BYTES - 7);
  let sum = BigInt(length) * PRIME64_1;
  for (let i = 0; i < 4; i++) {
    const [a = 0n, b = 0n] = lanes.slice(2 * i, 2 * i + 2);
    sum += fold(a ^ secretAt(11 + 16 * i), b ^ secretAt(19 + 16 * i));
  }
  return avalanche(wrap(sum));
}

function accumulate(lanes: bigint[], input: Buffer, at: number, secret: number): void {
  for (let i = 0; i < lanes.length; i++) {
    const value = input.readBigUInt64LE(at + 8 * i);
    const key = value ^ secretAt(secret + 8 * i);
    lanes[i ^ 1] = wrap((lanes[i ^ 1] ?? 0n) + value);
    lanes[i] = wrap((lanes[i] ?? 0n) + (key & 0xffff_ffffn) * (key >> 32n));
  }
}

function scramble(lanes: bigint[]): void {
  lanes.forEach((lane, i) => {
    lanes[i] = wrap((lane ^ (lane >> 47n) ^ secretAt(SECRET.length - STRIPE_BYTES + 8 * i)) * PRIME32_1);
  });
}
