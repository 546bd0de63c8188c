import { MAX_BODY_BYTES } from '@tallyward/contracts';

/** Every limit of taking usage in, by name; those of one request are in the contracts. */
export interface IngestLimits {
  /** Bytes of request bodies that may be on their way through the gateway at once; above: 429. */
  readonly bodyBytesInFlight: number;
  /** Requests with a body that may be under way at once; above: 429. */
  readonly requestsInFlight: number;
  /** While the log doesn't answer, this many requests wait for it and try; the rest get 503. */
  readonly triesWhileAway: number;
  /** What a refused client is told to wait. */
  readonly retryAfterSeconds: number;
}

export const INGEST_LIMITS: IngestLimits = {
  bodyBytesInFlight: 64 * MAX_BODY_BYTES,
  requestsInFlight: 2_000,
  triesWhileAway: 4,
  retryAfterSeconds: 1,
};
