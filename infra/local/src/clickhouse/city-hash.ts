/**
 * CityHash128 in its version 1.0.2 (Google, MIT), the checksum of ClickHouse's compressed blocks.
 * Numbers are unsigned 64-bit; every product and sum is cut to that.
 */
const K0 = 0xc3a5c85c97cb3127n;
const K1 = 0xb492b66fbe98f273n;
const K2 = 0x9ae16a3b2f90404fn;
const K3 = 0xc949d7c7509e6557n;
const MIX = 0x9ddfea08eb382d69n;
const LONG = 128;

const cut = (n: bigint): bigint => BigInt.asUintN(64, n);
const turn = (n: bigint, by: bigint): bigint => (n >> by) | cut(n << (64n - by));
const fold = (n: bigint): bigint => n ^ (n >> 47n);
const at = (bytes: Buffer, from: number): bigint => bytes.readBigUInt64LE(from);

function pair(u: bigint, v: bigint): bigint {
  const a = fold(cut((u ^ v) * MIX));
  return cut(fold(cut((v ^ a) * MIX)) * MIX);
}

function upTo16(bytes: Buffer): bigint {
  const { length } = bytes;
  const size = BigInt(length);
  if (length > 8) {
    const b = at(bytes, length - 8);
    return pair(at(bytes, 0), turn(cut(b + size), size)) ^ b;
  }
  if (length >= 4) {
    const first = BigInt(bytes.readUInt32LE(0)) << 3n;
    return pair(size + first, BigInt(bytes.readUInt32LE(length - 4)));
  }
  if (length === 0) return K2;
  const y = BigInt((bytes[0] ?? 0) + ((bytes[length >> 1] ?? 0) << 8));
  const z = size + (BigInt(bytes[length - 1] ?? 0) << 2n);
  return cut(fold(cut(y * K2) ^ cut(z * K3)) * K2);
}

type Two = readonly [low: bigint, high: bigint];

/** Thirty-two bytes and two seeds into two numbers. */
function weak32(bytes: Buffer, from: number, a: bigint, b: bigint): Two {
  const first = cut(a + at(bytes, from));
  const last = at(bytes, from + 24);
  const sum = cut(first + at(bytes, from + 8) + at(bytes, from + 16));
  const other = cut(turn(cut(b + first + last), 21n) + turn(sum, 44n));
  return [cut(sum + last), cut(other + first)];
}

function short(bytes: Buffer, seed: Two): Two {
  const { length } = bytes;
  let [a, b] = seed;
  let c: bigint;
  let d: bigint;
  if (length <= 16) {
    a = cut(fold(cut(a * K1)) * K1);
    c = cut(b * K1 + upTo16(bytes));
    d = fold(cut(a + (length >= 8 ? at(bytes, 0) : c)));
  } else {
    c = pair(cut(at(bytes, length - 8) + K1), a);
    d = pair(cut(b + BigInt(length)), cut(c + at(bytes, length - 16)));
    a = cut(a + d);
    for (let from = 0; from < length - 16; from += 16) {
      a = cut((a ^ cut(fold(cut(at(bytes, from) * K1)) * K1)) * K1);
      b ^= a;
      c = cut((c ^ cut(fold(cut(at(bytes, from + 8) * K1)) * K1)) * K1);
      d ^= c;
    }
  }
  a = pair(a, c);
  b = pair(d, b);
  return [a ^ b, pair(b, a)];
}

function long(bytes: Buffer, seed: Two): Two {
  const { length } = bytes;
  let [x, y] = seed;
  let z = cut(BigInt(length) * K1);
  const low = cut(turn(y ^ K1, 49n) * K1 + at(bytes, 0));
  let v: Two = [low, cut(turn(low, 42n) * K1 + at(bytes, 8))];
  let w: Two = [cut(turn(cut(y + z), 35n) * K1 + x), cut(turn(cut(x + at(bytes, 88)), 53n) * K1)];
  let from = 0;
  // two rounds of 64 bytes at a time, as long as 128 are left
  for (let rounds = (length >> 7) * 2; rounds > 0; rounds--, from += 64) {
    x = cut(turn(cut(x + y + v[0] + at(bytes, from + 16)), 37n) * K1) ^ w[1];
    y = cut(turn(cut(y + v[1] + at(bytes, from + 48)), 42n) * K1) ^ v[0];
    z = turn(z ^ w[0], 33n);
    v = weak32(bytes, from, cut(v[1] * K1), cut(x + w[0]));
    w = weak32(bytes, from + 32, cut(z + w[1]), y);
    [x, z] = [z, x];
  }
  y = cut(y + turn(w[0], 37n) * K0 + z);
  x = cut(x + turn(cut(v[0] + z), 49n) * K0);
  for (let tail = 32; tail - 32 < length - from; tail += 32) {
    y = cut(turn(cut(y - x), 42n) * K0 + v[1]);
    const low0 = cut(w[0] + at(bytes, length - tail + 16));
    x = cut(turn(x, 49n) * K0 + low0);
    w = [cut(low0 + v[0]), w[1]];
    v = weak32(bytes, length - tail, v[0], v[1]);
  }
  x = pair(x, v[0]);
  y = pair(y, w[0]);
  return [cut(pair(cut(x + v[1]), w[1]) + y), pair(cut(x + w[1]), cut(y + v[1]))];
}

/** Sixteen bytes: the low half first, both little-endian. */
export function cityHash128(bytes: Buffer): Buffer {
  const { length } = bytes;
  const rest = length >= 16 ? bytes.subarray(16) : length >= 8 ? Buffer.alloc(0) : bytes;
  let seed: Two = [K0, K1];
  if (length >= 16) seed = [at(bytes, 0) ^ K3, at(bytes, 8)];
  else if (length >= 8)
    seed = [at(bytes, 0) ^ cut(BigInt(length) * K0), at(bytes, length - 8) ^ K1];
  const hash = rest.length < LONG ? short(rest, seed) : long(rest, seed);
  const out = Buffer.alloc(16);
  out.writeBigUInt64LE(hash[0], 0);
  out.writeBigUInt64LE(hash[1], 8);
  return out;
}
