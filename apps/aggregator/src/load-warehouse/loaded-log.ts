import { USAGE_PARTITIONS } from '@tallyward/domain';
import { partitionOf } from '@tallyward/platform';
import { hash } from 'node:crypto';
import type { Fold } from '../storage/postgres';
import type { MetricsPrefix } from './fold-metrics';
import type { ReadRow } from './form-batch';

/** A topic that is folded into a table of ClickHouse, and how its entries become rows. */
export interface LoadedLog {
  /** Whose rows in Postgres are the fold's own. */
  readonly fold: Fold;
  readonly topic: string;
  readonly metrics: MetricsPrefix;
  readonly readRow: ReadRow;
}

/** Bytes of the SHA-256 of an identity that a key keeps. */
const IDENTITY_BYTES = 16;

export function identityKey(identity: string): string {
  return hash('sha256', identity, 'hex').slice(0, 2 * IDENTITY_BYTES);
}

/** Where a key's entries lie; every topic about customers has the partitions of the usage log. */
export const homeOf = (key: string): number => partitionOf(key, USAGE_PARTITIONS);
