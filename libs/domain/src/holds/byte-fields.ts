/** Numbers as LEB128, texts as UTF-8 behind their length: what a token is made of. */
export class ByteWriter {
  private readonly bytes: number[] = [];

  /** A whole number, 0 … 2^53−1. */
  whole(value: number): this {
    let left = value;
    while (left >= 0x80) {
      this.bytes.push((left % 0x80) | 0x80);
      left = Math.floor(left / 0x80);
    }
    this.bytes.push(left);
    return this;
  }

  /** A whole number of either sign. */
  signed(value: number): this {
    return this.whole(value < 0 ? -2 * value - 1 : 2 * value);
  }

  text(value: string): this {
    const encoded = new TextEncoder().encode(value);
    this.whole(encoded.length);
    for (const byte of encoded) this.bytes.push(byte);
    return this;
  }

  done(): Uint8Array {
    return Uint8Array.from(this.bytes);
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
    if (this.at + length > this.bytes.length) throw new RangeError('the bytes end within a text');
    const piece = this.bytes.subarray(this.at, this.at + length);
    this.at += length;
    return new TextDecoder('utf-8', { fatal: true }).decode(piece);
  }

  get isAtEnd(): boolean {
    return this.at === this.bytes.length;
  }
}
