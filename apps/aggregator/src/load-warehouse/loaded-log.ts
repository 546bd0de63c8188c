import type { RawEntry } from '@tallyward/contracts';
import { joinFields, USAGE_PARTITIONS } from '@tallyward/domain';
import { partitionOf } from '@tallyward/platform';
import { hash } from 'node:crypto';
import type { Fold } from '../storage/postgres';
import type { MetricsPrefix } from './fold-metrics';
import type { KeyedEvent, KeyedVoid, ReadRow } from './form-batch';

/** A topic that is folded into a table of ClickHouse, and how its entries become rows. */
export interface LoadedLog {
  /** Whose rows in Postgres are the fold's own. */
  readonly fold: Fold;
  readonly topic: string;
  readonly metrics: MetricsPrefix;
  readonly readRow: ReadRow;
  /** The row that takes an event back; a log without voids has none. */
  readonly voidRow?: VoidRow;
}

/** An event and its void, both as `readRow` read them. */
export type VoidRow = (event: KeyedEvent, by: KeyedVoid) => string;

/** Bytes of the SHA-256 of an identity that a key keeps. */
const IDENTITY_BYTES = 16;

export function identityKey(identity: string): string {
  return hash('sha256', identity, 'hex').slice(0, 2 * IDENTITY_BYTES);
}

/** Where a key's entries lie; every topic about customers has the partitions of the usage log. */
export const homeOf = (key: string): number => partitionOf(key, USAGE_PARTITIONS);

/** What dedup goes by where an entry has an id of its own; `time` in epoch ms. */
export interface Identified {
  readonly project: string;
  readonly customer: string;
  readonly id: string;
  readonly time: number;
}

/**
 * An entry and its row. The whole value is the content: the same again is a duplicate, anything
 * else under the id a conflict. `row` depends on the entry alone, so a batch formed again from the
 * log has the same bytes.
 */
export function keyedRow(
  { partition, offset, appendedAt, value }: RawEntry,
  { project, customer, id, time }: Identified,
  row: object,
): { readonly kind: 'row'; readonly event: KeyedEvent } {
  return {
    kind: 'row',
    event: {
      partition,
      offset,
      appendedAt,
      event: { content: hash('sha256', value ?? '', 'hex'), time },
      identity: identityKey(joinFields([project, customer, id])),
      row: JSON.stringify({ ...row, partition, offset: offset.toString() }),
    },
  };
}
