import { AppendLimits } from './append-types';

export const APPEND_LIMITS: AppendLimits = {
  lingerMs: 2,
  maxBatchEntries: 500,
  // Below the broker's default of 1 MiB for one stored batch, framing included.
  maxBatchBytes: 900_000,
  maxQueuedEntries: 50_000,
  maxQueuedBytes: 64 * 1024 * 1024,
  maxEntryBytes: 900_000,
  appendDeadlineMs: 8_000,
  maxRequestsInFlight: 5,
};
