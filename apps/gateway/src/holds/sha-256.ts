/**
 * SHA-256 (FIPS 180-4) over blocks, in place. A hold's token is signed and read within one decision
 * of a few microseconds, and node:crypto spends more than that on making and collecting an object
 * for each HMAC. Held equal to node:crypto's by a property.
 */
export const BLOCK_BYTES = 64;
/** An exported constant is looked up each time that it is read. */
const WORDS = 64;
export const STATE_WORDS = 8;

/** The first 32 bits of the fractional parts of the square roots of the first 8 primes. */
export const INITIAL = Int32Array.of(
  ...firstPrimes(STATE_WORDS).map((prime) => fraction(Math.sqrt(prime))),
);
/** Of the cube roots of the first 64. */
const ROUNDS = Int32Array.of(...firstPrimes(WORDS).map((prime) => fraction(Math.cbrt(prime))));
const schedule = new Int32Array(WORDS);

/** Takes the block of `bytes` at `from` into the state. */
export function compress(state: Int32Array, bytes: Uint8Array, from: number): void {
  fillSchedule(bytes, from);
  let a = state[0]!;
  let b = state[1]!;
  let c = state[2]!;
  let d = state[3]!;
  let e = state[4]!;
  let f = state[5]!;
  let g = state[6]!;
  let h = state[7]!;
  for (let round = 0; round < WORDS; round++) {
    const s1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
    const one = (h + s1 + ((e & f) ^ (~e & g)) + ROUNDS[round]! + schedule[round]!) | 0;
    const s0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
    const two = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    h = g;
    g = f;
    f = e;
    e = (d + one) | 0;
    d = c;
    c = b;
    b = a;
    a = (one + two) | 0;
  }
  state[0] = (state[0]! + a) | 0;
  state[1] = (state[1]! + b) | 0;
  state[2] = (state[2]! + c) | 0;
  state[3] = (state[3]! + d) | 0;
  state[4] = (state[4]! + e) | 0;
  state[5] = (state[5]! + f) | 0;
  state[6] = (state[6]! + g) | 0;
  state[7] = (state[7]! + h) | 0;
}

function fillSchedule(bytes: Uint8Array, from: number): void {
  for (let word = 0; word < 16; word++) {
    const at = from + 4 * word;
    schedule[word] =
      (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!;
  }
  for (let word = 16; word < WORDS; word++) {
    const x = schedule[word - 15]!;
    const y = schedule[word - 2]!;
    const s0 = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3);
    const s1 = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10);
    schedule[word] = (schedule[word - 16]! + s0 + schedule[word - 7]! + s1) | 0;
  }
}

function firstPrimes(count: number): number[] {
  const primes: number[] = [];
  for (let number = 2; primes.length < count; number++) {
    if (primes.every((prime) => number % prime !== 0)) primes.push(number);
  }
  return primes;
}

function fraction(root: number): number {
  return Math.floor((root - Math.floor(root)) * 2 ** 32) | 0;
}
