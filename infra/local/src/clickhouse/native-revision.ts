import { failed } from './errors';
import type { Rewriter } from './rewriter';
import { BlockReader, Incomplete, skipData, skipPrefix, UnknownType } from './native-types';

/** From this revision on every column says whether its serialization is a custom one. */
const WITH_CUSTOM_SERIALIZATION = 54_454;
const BLOCK_INFO = Buffer.from([1, 0, 2, 0xff, 0xff, 0xff, 0xff, 0]);
const NOT_CUSTOM = Buffer.from([0]);
const EMPTY = Buffer.alloc(0);
/** A block has at most 65,409 rows unless the client asked for more. */
const MAX_BLOCK_BYTES = 256 * 1024 * 1024;

/**
 * Native blocks as a client of a newer protocol revision wants them (`client_protocol_version`):
 * the engine writes revision 0, which lacks the block's info and a byte per column.
 */
export class NativeRevision implements Rewriter {
  private pending: Buffer[] = [];
  private pendingBytes = 0;
  /** No use in trying again with less: the last try needed more than this. */
  private wanted = 1;
  private out: Buffer[] = [];

  constructor(private readonly revision: number) {}

  push(bytes: Buffer): Buffer {
    this.pending.push(bytes);
    this.pendingBytes += bytes.length;
    return this.pendingBytes < this.wanted ? EMPTY : this.rewriteWhole();
  }

  /** The tail of a failed answer is no whole block, and goes as it is. */
  end(): Buffer {
    const rewritten = this.pendingBytes > 0 ? this.rewriteWhole() : EMPTY;
    return Buffer.concat([rewritten, ...this.pending]);
  }

  private rewriteWhole(): Buffer {
    let bytes = Buffer.concat(this.pending, this.pendingBytes);
    this.out = [];
    for (;;) {
      const end = this.rewriteOne(bytes);
      if (end === undefined) break;
      bytes = bytes.subarray(end);
    }
    this.pending = bytes.length > 0 ? [bytes] : [];
    this.pendingBytes = bytes.length;
    // doubling keeps the work linear in the block's size
    this.wanted = Math.max(1, 2 * bytes.length);
    if (bytes.length > MAX_BLOCK_BYTES) {
      throw failed(241, 'MEMORY_LIMIT_EXCEEDED', 'A Native block is too large');
    }
    return Buffer.concat(this.out);
  }

  /** Writes the first block anew; its length in the input, or undefined while it is incomplete. */
  private rewriteOne(bytes: Buffer): number | undefined {
    if (bytes.length === 0) return undefined;
    const reader = new BlockReader(bytes);
    const out: Buffer[] = [BLOCK_INFO];
    try {
      const columns = reader.varint();
      const rows = reader.varint();
      let from = 0;
      for (let i = 0; i < columns; i++) {
        reader.string();
        const type = reader.string();
        out.push(bytes.subarray(from, reader.at));
        if (this.revision >= WITH_CUSTOM_SERIALIZATION) out.push(NOT_CUSTOM);
        from = reader.at;
        if (rows > 0) {
          skipPrefix(reader, type);
          skipData(reader, type, rows);
        }
      }
      out.push(bytes.subarray(from, reader.at));
    } catch (error) {
      if (error instanceof Incomplete) return undefined;
      if (!(error instanceof UnknownType)) throw error;
      throw failed(
        48,
        'NOT_IMPLEMENTED',
        `Type ${error.message} in Native with client_protocol_version`,
      );
    }
    this.out.push(...out);
    return reader.at;
  }
}
