import { limitOf, type TierLimit, tierLimit, TOPICS } from '@tallyward/contracts';
import {
  counterName,
  isHard,
  type Limit,
  partitionKey,
  quarterOf,
  windowAmount,
  zeroAmounts,
} from '@tallyward/domain';
import { partitionOf } from '@tallyward/platform';
import { testbed } from '@tallyward/testing';
import type { DataSource, EntityManager } from 'typeorm';
import type { Assigned } from '../../customers/stored-customer';
import { openStorage } from '../data-source';
import { LIVE_TABLES } from '../totals/tables';
import { addTotals } from '../totals/totals';
import { addToCounters } from './counter-usage';
import { type CounterRow, lockCounters, openCounters } from './counters';
import { COUNTER_TABLE } from './leases.migration';
import { type CounterHolder, type Held, replenishCounters } from './replenishment';

export const HOUR = 3_600_000;
export const DAY = 24 * HOUR;
/** A midnight of UTC. */
export const START = 20_000 * DAY;

/** A daily limit of 100 calls that blocks, but for what a test says. */
export function dailyLimit(more: Partial<TierLimit> = {}): TierLimit {
  return tierLimit.parse({
    ...{ scope: 'customer', modelGroup: '*', unit: 'calls', window: 'day' },
    ...{ amount: 100, onLimit: 'block' },
    ...more,
  });
}

export interface Till {
  readonly dataSource: DataSource;
  readonly project: string;
  readonly customer: string;
  holder: CounterHolder;
  /** The counter of a day (0: the first), opened if it is not. */
  counter(limit: Limit, day: number): Promise<CounterRow>;
  /** As the fold counts calls in a day. */
  use(limit: Limit, day: number, calls: number, leased?: number): Promise<void>;
  set(day: number, columns: string): Promise<void>;
  /** Looks at the counter of a day at an instant after START. */
  look(limit: Limit, day: number, at: number): Promise<{ extra: number; risesAt: number | null }>;
  held(limit: Limit, day: number): Promise<Held>;
}

/** For specs of what Postgres keeps of counters: real storage, and one customer after another. */
export async function tillWorld() {
  const bed = await testbed();
  const dataSource = await openStorage(bed.postgres.entitlement, 'till-spec', () => undefined);
  const project = bed.namespace.slice(-40).replaceAll(/[^a-z0-9]/g, '');
  let last = 0;
  return {
    dataSource,
    project,
    till: (more: Partial<CounterHolder> = {}) =>
      tillOf(dataSource, project, `c${(last += 1)}`, more),
    close: async () => {
      await dataSource.destroy();
      await bed.close();
    },
  };
}

const NO_CHANGE = { overrun: 0, forgiven: 0 };
const TIER: Assigned = { name: 'Gold', version: 1, from: START - 400 * DAY, carryUsage: true };

function tillOf(
  dataSource: DataSource,
  project: string,
  customer: string,
  more: Partial<CounterHolder>,
): Till {
  const { name: topic, partitions } = TOPICS.usageEvents;
  const place = { topic, partition: partitionOf(partitionKey(project, customer), partitions) };
  const windowOf = (day: number) => ({ from: START + day * DAY, to: START + (day + 1) * DAY });
  const keyOf = (limit: Limit, day: number) => {
    const name = counterName(limit, customer);
    return { project, customer, name, windowStart: windowOf(day).from };
  };
  const frame = { timeZone: 'UTC', billingAnchor: START };
  const holder = { frame, firstSeen: START - 400 * DAY, tiers: [TIER], ...more };
  const counterIn = async (manager: EntityManager, limit: Limit, day: number) => {
    const { scope, modelGroup, unit } = limit;
    const key = keyOf(limit, day);
    const fresh = { scope, scopeValue: customer, modelGroup, unit, window: windowOf(day) };
    const amounts = {
      amount: windowAmount(limit),
      extra: 0,
      isHard: isHard(limit),
      isOnQuarters: true,
    };
    await openCounters(manager, place, [{ ...key, ...fresh, ...amounts }]);
    const [row] = await lockCounters(manager, [key]);
    if (!row) throw new Error('A counter that was opened is not there');
    return row;
  };
  const till: Till = {
    dataSource,
    project,
    customer,
    holder,
    counter: (limit, day) => dataSource.transaction((manager) => counterIn(manager, limit, day)),
    use: (limit, day, calls, leased = 0) =>
      dataSource.transaction(async (manager) => {
        const labels = { workspace: '', user: '', role: '', model: 'm', modelGroup: 'premium' };
        const quarter = quarterOf(windowOf(day).from);
        const row = { project, customer, quarter, ...labels };
        const amounts = { ...zeroAmounts(), calls };
        await addTotals(manager, LIVE_TABLES.totals, place.partition, [
          { key: row, amounts, proof: 0n },
        ]);
        await addToCounters(manager, [{ ...keyOf(limit, day), ...NO_CHANGE, used: calls, leased }]);
      }),
    set: async (day, columns) => {
      await dataSource.query(
        `UPDATE ${COUNTER_TABLE} SET ${columns}
         WHERE project = $1 AND customer = $2 AND window_start = $3`,
        [project, customer, windowOf(day).from],
      );
    },
    look: (limit, day, at) =>
      dataSource.transaction(async (manager) => {
        const row = await counterIn(manager, limit, day);
        const held = [{ row, limit, holder: till.holder }];
        const [found] = await replenishCounters(manager, held, START + at);
        if (!found) throw new Error('A counter that was looked at is not there');
        return { extra: found.row.extra, risesAt: found.risesAt };
      }),
    held: async (limit, day) => ({
      row: await till.counter(limit, day),
      limit,
      holder: till.holder,
    }),
  };
  return till;
}

export const dayLimit = (more: Partial<TierLimit> = {}): Limit => limitOf(dailyLimit(more));
