const BITS_32 = 0x7fffffff;
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * Numbers as LEB128, texts as UTF-8 behind their length: what a token is made of. Writes into the
 * bytes it is given; what does not fit is counted, and left out.
 */
export class ByteWriter {
  private at = 0;

  constructor(private readonly into: Uint8Array) {}

  /** A whole number, 0 … 2^53−1. */
  whole(value: number): this {
    let left = value;
    while (left > BITS_32) {
      this.into[this.at++] = (left % 0x80) | 0x80;
      left = Math.floor(left / 0x80);
    }
    while (left >= 0x80) {
      this.into[this.at++] = (left & 0x7f) | 0x80;
      left >>>= 7;
    }
    this.into[this.at++] = left;
    return this;
  }

  /** A whole number of either sign. */
  signed(value: number): this {
    return this.whole(value < 0 ? -2 * value - 1 : 2 * value);
  }

  text(value: string): this {
    const start = this.at;
    this.whole(value.length);
    for (let index = 0; index < value.length; index++) {
      const code = value.charCodeAt(index);
      if (code >= 0x80) {
        this.at = start;
        return this.encoded(new TextEncoder().encode(value));
      }
      this.into[this.at++] = code;
    }
    return this;
  }

  /** How many bytes all of it takes; null: more than there were to write into. */
  done(): number | null {
    return this.at > this.into.length ? null : this.at;
  }

  private encoded(bytes: Uint8Array): this {
    this.whole(bytes.length);
    for (const byte of bytes) this.into[this.at++] = byte;
    return this;
  }
}

/** Reads what ByteWriter wrote. Throws RangeError where the bytes end early or say nonsense. */
export class ByteReader {
  private at = 0;

  constructor(private readonly bytes: Uint8Array) {}

  whole(): number {
    let [value, scale] = [0, 1];
    for (;;) {
      const byte = this.bytes[this.at];
      if (byte === undefined) throw new RangeError('the bytes end within a number');
      this.at += 1;
      value += (byte & 0x7f) * scale;
      if (!Number.isSafeInteger(value)) throw new RangeError('a number above 2^53−1');
      if (byte < 0x80) return value;
      scale *= 0x80;
    }
  }

  signed(): number {
    const value = this.whole();
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }

  text(): string {
    const length = this.whole();
    const end = this.at + length;
    if (end > this.bytes.length) throw new RangeError('the bytes end within a text');
    const start = this.at;
    this.at = end;
    let plain = '';
    for (let at = start; at < end; at++) {
      const byte = this.bytes[at] as number;
      if (byte >= 0x80) return utf8.decode(this.bytes.subarray(start, end));
      plain += String.fromCharCode(byte);
    }
    return plain;
  }

  get isAtEnd(): boolean {
    return this.at === this.bytes.length;
  }
}
