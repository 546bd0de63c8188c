import { hash } from 'node:crypto';

const BLOCK_BYTES = 64;
const HASH_BYTES = 32;

/**
 * HMAC-SHA256 (RFC 2104) for a key of one block at most, over two hashes at one go each: an Hmac
 * object costs six times as much, and every decision signs.
 */
export class KeyedHash {
  private readonly outer = Buffer.alloc(BLOCK_BYTES + HASH_BYTES);
  /** What goes before the bytes to sign. */
  private readonly inner: Uint8Array;

  constructor(key: Uint8Array) {
    if (key.length > BLOCK_BYTES) throw new RangeError('a key of more than one block');
    this.inner = padded(key, 0x36);
    this.outer.set(padded(key, 0x5c));
  }

  /** Of the first bytes of `signed.body`; HASH_BYTES as characters of one byte each. */
  of(signed: SignedBytes, length: number): string {
    signed.all.set(this.inner);
    const inner = hash('sha256', signed.all.subarray(0, BLOCK_BYTES + length), 'binary');
    this.outer.write(inner, BLOCK_BYTES, 'latin1');
    return hash('sha256', this.outer, 'binary');
  }
}

/** Bytes to sign, with room for the key before them. */
export class SignedBytes {
  readonly all: Buffer;
  readonly body: Buffer;

  constructor(bodyBytes: number) {
    this.all = Buffer.alloc(BLOCK_BYTES + bodyBytes);
    this.body = this.all.subarray(BLOCK_BYTES);
  }
}

function padded(key: Uint8Array, pad: number): Uint8Array {
  const block = new Uint8Array(BLOCK_BYTES).fill(pad);
  key.forEach((byte, at) => (block[at] = byte ^ pad));
  return block;
}
