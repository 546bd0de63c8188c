import type { EntityManager } from 'typeorm';
import { type CounterKey, keyColumns } from './counters';
import { OVERRUN_TABLE } from './overruns.migration';

/** Why part of an event was not paid by leases. */
export type Uncovered = 'above-hold' | 'late' | 'no-hold';

/** What of one event passed the amount of a limit that lets nothing pass. */
export interface Overrun extends CounterKey {
  readonly source: string;
  readonly id: string;
  readonly partition: number;
  readonly offset: bigint;
  readonly quantity: number;
  readonly why: Uncovered;
}

/**
 * Keeps overruns as facts: leases are not in the log, so no replay finds them again (PROTOCOL 13).
 *
 * Overage, the excess of limits that allow it, is kept nowhere: it is max(0, used − amount) of the
 * counter. Its split follows from the log. All events of a counter lie in one partition; in the
 * order of their offsets, with `used` the sum up to and with an event, that event's overage is
 * min(its quantity, max(0, used − amount)). The order of offsets is the order of the fold, so the
 * parts add up to the counter's overage whatever the batches were.
 */
export async function keepOverruns(
  manager: EntityManager,
  overruns: readonly Overrun[],
): Promise<void> {
  await manager.query(
    `INSERT INTO ${OVERRUN_TABLE} (project, customer, name, window_start, source, id, partition,
       log_offset, quantity, why)
     SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::text[],
       $6::text[], $7::smallint[], $8::bigint[], $9::bigint[], $10::text[])`,
    [
      ...keyColumns(overruns),
      overruns.map(({ source }) => source),
      overruns.map(({ id }) => id),
      overruns.map(({ partition }) => partition),
      overruns.map(({ offset }) => String(offset)),
      overruns.map(({ quantity }) => quantity),
      overruns.map(({ why }) => why),
    ],
  );
}
