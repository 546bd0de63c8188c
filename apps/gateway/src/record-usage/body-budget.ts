import { MAX_BODY_BYTES } from '@tallyward/contracts';
import type { IncomingHttpHeaders } from 'node:http';
import type { IngestLimits } from './ingest-limits';

/**
 * Bounds what requests under way may hold in memory. A request reserves its body before a byte of
 * it is read, and gives it back when its answer is out or the client is gone: so the sum is known
 * before it is spent, however slowly bodies come in.
 */
export class BodyBudget {
  private bytes = 0;
  private requests = 0;

  constructor(private readonly limits: IngestLimits) {}

  /** What to call when the request is over; undefined where there is no room for it. */
  reserve(headers: IncomingHttpHeaders): (() => void) | undefined {
    const bytes = bytesOf(headers);
    if (bytes === 0) return () => undefined;
    const { bodyBytesInFlight, requestsInFlight } = this.limits;
    if (this.bytes + bytes > bodyBytesInFlight || this.requests >= requestsInFlight) {
      return undefined;
    }
    this.bytes += bytes;
    this.requests += 1;
    let isOver = false;
    return () => {
      if (isOver) return;
      isOver = true;
      this.bytes -= bytes;
      this.requests -= 1;
    };
  }

  inFlight(): { bytes: number; requests: number } {
    return { bytes: this.bytes, requests: this.requests };
  }
}

/** The most that a body can come to: what it says, or the limit where it doesn't. */
function bytesOf(headers: IncomingHttpHeaders): number {
  const said = Number(headers['content-length'] ?? 0);
  const grows = headers['transfer-encoding'] !== undefined || headers['content-encoding'];
  return grows ? said + MAX_BODY_BYTES : Math.min(said, MAX_BODY_BYTES);
}
