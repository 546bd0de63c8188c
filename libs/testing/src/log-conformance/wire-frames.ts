/** Cuts a stream of Kafka's protocol into frames: four bytes of length, then so many of content. */
export class WireFrames {
  private pending: Buffer = Buffer.alloc(0);

  /** Whole frames, length included. */
  push(chunk: Buffer): Buffer[] {
    this.pending = this.pending.length === 0 ? chunk : Buffer.concat([this.pending, chunk]);
    const frames: Buffer[] = [];
    while (this.pending.length >= 4) {
      const end = 4 + this.pending.readInt32BE(0);
      if (this.pending.length < end) break;
      frames.push(this.pending.subarray(0, end));
      this.pending = this.pending.subarray(end);
    }
    return frames;
  }
}

const METADATA = 3;
/** From version 3 on an answer begins with its throttle time; from 9 on its lengths are varints. */
const [THROTTLED_FROM, VARINTS_FROM] = [3, 9];

export interface RequestHead {
  api: number;
  version: number;
  correlation: number;
}

export function headOf(frame: Buffer): RequestHead {
  return {
    api: frame.readInt16BE(4),
    version: frame.readInt16BE(6),
    correlation: frame.readInt32BE(8),
  };
}

export const correlationOf = (answer: Buffer): number => answer.readInt32BE(4);

/**
 * Brokers tell their own address, and clients go there: an answer to Metadata that passes a proxy
 * must tell the proxy's instead. The same host, so only the port's four bytes change.
 */
export function readdressed(answer: Buffer, head: RequestHead, from: number, to: number): Buffer {
  if (head.api !== METADATA || head.version >= VARINTS_FROM) return answer;
  const changed = Buffer.from(answer);
  let at = 8 + (head.version >= THROTTLED_FROM ? 4 : 0);
  let brokers = changed.readInt32BE(at);
  at += 4;
  for (; brokers > 0; brokers -= 1) {
    at += 4;
    at += 2 + changed.readInt16BE(at);
    if (changed.readInt32BE(at) === from) changed.writeInt32BE(to, at);
    at += 4;
    if (head.version >= 1) at += 2 + Math.max(0, changed.readInt16BE(at));
  }
  return changed;
}
