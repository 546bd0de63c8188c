import { cityHash128 } from './city-hash';
import { failed } from './errors';
import type { Rewriter } from './rewriter';

/**
 * ClickHouse's own framing of compressed data (`compress=1`, `decompress=1`), as Go and Java
 * clients speak it: a checksum over the rest, the method, both sizes, the data.
 */
const CHECKSUM_BYTES = 16;
const HEADER_BYTES = 9;
const LZ4 = 0x82;
const NONE = 0x02;
const BLOCK_BYTES = 1024 * 1024;

/** An LZ4 block of literals alone: valid for every reader, and nothing to compress for ours. */
function literals(bytes: Buffer): Buffer {
  if (bytes.length < 15) return Buffer.concat([Buffer.from([bytes.length << 4]), bytes]);
  const more = bytes.length - 15;
  const lengths = Buffer.alloc(Math.floor(more / 255) + 1, 255);
  lengths[lengths.length - 1] = more % 255;
  return Buffer.concat([Buffer.from([0xf0]), lengths, bytes]);
}

function frame(bytes: Buffer): Buffer {
  const data = literals(bytes);
  const framed = Buffer.alloc(HEADER_BYTES + data.length);
  framed.writeUInt8(LZ4, 0);
  framed.writeUInt32LE(framed.length, 1);
  framed.writeUInt32LE(bytes.length, 5);
  data.copy(framed, HEADER_BYTES);
  return Buffer.concat([cityHash128(framed), framed]);
}

/** Frames an answer, block by block. */
export class BlockFraming implements Rewriter {
  push(bytes: Buffer): Buffer {
    const framed: Buffer[] = [];
    for (let at = 0; at < bytes.length; at += BLOCK_BYTES) {
      framed.push(frame(bytes.subarray(at, at + BLOCK_BYTES)));
    }
    return Buffer.concat(framed);
  }

  end(): Buffer {
    return Buffer.alloc(0);
  }
}

const broken = (why: string): Error =>
  failed(271, 'CANNOT_DECOMPRESS', `Cannot decompress the request's body: ${why}`);

/** One LZ4 block: literals and copies of what was written before, until the input ends. */
function unpackLz4(input: Buffer, size: number): Buffer {
  const out = Buffer.alloc(size);
  let from = 0;
  let to = 0;
  const lengthOf = (nibble: number): number => {
    let length = nibble;
    if (nibble < 15) return length;
    for (let byte = 255; byte === 255; length += byte) byte = input[from++] ?? 0;
    return length;
  };
  while (from < input.length) {
    const token = input[from++] ?? 0;
    const count = lengthOf(token >> 4);
    if (from + count > input.length || to + count > size) throw broken('a literal is too long');
    input.copy(out, to, from, from + count);
    from += count;
    to += count;
    if (from >= input.length) break;
    const back = (input[from] ?? 0) | ((input[from + 1] ?? 0) << 8);
    from += 2;
    const end = to + lengthOf(token & 15) + 4;
    if (back === 0 || back > to || end > size) throw broken('a copy is out of range');
    // byte by byte: a copy may overlap what it writes
    for (; to < end; to++) out[to] = out[to - back] ?? 0;
  }
  if (to !== size) throw broken('a block is too short');
  return out;
}

/** Takes the framing of a body off; at most `limit` bytes come out. */
export function unframe(body: Buffer, limit: number): Buffer {
  const blocks: Buffer[] = [];
  let total = 0;
  for (let at = 0; at < body.length;) {
    const start = at + CHECKSUM_BYTES;
    if (start + HEADER_BYTES > body.length) throw broken('the last block is cut off');
    const method = body[start];
    const packed = body.readUInt32LE(start + 1);
    const size = body.readUInt32LE(start + 5);
    total += size;
    if (total > limit)
      throw failed(307, 'TOO_MANY_BYTES', `Request body is larger than ${limit} bytes`);
    if (packed < HEADER_BYTES || start + packed > body.length)
      throw broken('the last block is cut off');
    const framed = body.subarray(start, start + packed);
    if (!cityHash128(framed).equals(body.subarray(at, start))) {
      throw failed(40, 'CHECKSUM_DOESNT_MATCH', 'Checksum does not match: corrupted data');
    }
    const data = framed.subarray(HEADER_BYTES);
    if (method === NONE) blocks.push(data);
    else if (method === LZ4) blocks.push(unpackLz4(data, size));
    else throw failed(48, 'NOT_IMPLEMENTED', `Compression method ${method} is not served here`);
    at = start + packed;
  }
  return Buffer.concat(blocks, total);
}
