import { BLOCK_BYTES, compress, INITIAL, STATE_WORDS } from './sha-256';

const KEY_BYTES = 32;
const DIGEST_BYTES = 32;
/** What stands behind the last bytes: 0x80, and their count in 8 bytes. */
const PADDING_BYTES = 9;

/** HMAC-SHA-256 with one key; nothing is made for a signature but its 32 bytes. */
export class ShortHmac {
  private readonly inner: Int32Array;
  private readonly outer: Int32Array;
  private readonly state = new Int32Array(STATE_WORDS);
  private readonly tail = new Uint8Array(2 * BLOCK_BYTES);
  private readonly digest = new Uint8Array(DIGEST_BYTES);

  constructor(key: Uint8Array) {
    if (key.length !== KEY_BYTES) throw new Error(`a key has ${KEY_BYTES} bytes`);
    this.inner = keyed(key, 0x36);
    this.outer = keyed(key, 0x5c);
  }

  /** Of the first `length` bytes. The next call writes over the answer. */
  of(bytes: Uint8Array, length: number): Uint8Array {
    this.state.set(this.inner);
    let at = 0;
    for (; at + BLOCK_BYTES <= length; at += BLOCK_BYTES) compress(this.state, bytes, at);
    this.finish(bytes, at, length);
    this.state.set(this.outer);
    this.finish(this.digest, 0, DIGEST_BYTES);
    return this.digest;
  }

  /** Takes the bytes from `at` on, less than a block, and writes the digest. */
  private finish(bytes: Uint8Array, at: number, length: number): void {
    const { state, tail, digest } = this;
    const left = length - at;
    const end = left + PADDING_BYTES <= BLOCK_BYTES ? BLOCK_BYTES : 2 * BLOCK_BYTES;
    tail.fill(0);
    for (let index = 0; index < left; index++) tail[index] = bytes[at + index] as number;
    tail[left] = 0x80;
    // The key's block counts too; a token is far below 2^29 bytes.
    writeWord(tail, end - 4, (BLOCK_BYTES + length) * 8);
    for (let block = 0; block < end; block += BLOCK_BYTES) compress(state, tail, block);
    for (let word = 0; word < STATE_WORDS; word++) {
      writeWord(digest, 4 * word, state[word] as number);
    }
  }
}

function keyed(key: Uint8Array, pad: number): Int32Array {
  const block = new Uint8Array(BLOCK_BYTES).map((_, index) => (key[index] ?? 0) ^ pad);
  const state = INITIAL.slice();
  compress(state, block, 0);
  return state;
}

function writeWord(into: Uint8Array, at: number, word: number): void {
  into[at] = word >>> 24;
  into[at + 1] = word >>> 16;
  into[at + 2] = word >>> 8;
  into[at + 3] = word;
}
