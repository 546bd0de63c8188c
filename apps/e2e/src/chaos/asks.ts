import { DEFAULT_TIER_LIMITS, limitOf, type QuotaAsk, TOPICS } from '@tallyward/contracts';
import { counterName, partitionKey } from '@tallyward/domain';
import { type Appender, partitionOf } from '@tallyward/platform';
import { until } from '@tallyward/testing';
import { setTimeout as pause } from 'node:timers/promises';
import { withPostgres } from '../storage/stored-totals';
import { endLeases, leaseOut, settledCounters } from '../storage/stored-counters';
import type { Row } from './row';

const AMOUNT = 1_000_000;
const PACE_MS = 250;
const WAVES = 480;
const TAKEN_WITHIN_MS = 60_000;
const GATEWAY = 'gateway-1.chaos';
const { name: topic, partitions } = TOPICS.quotaAsks;

/**
 * Asks as gateways write them into the log, wave after wave: each of a customer that nobody has
 * met, each twice, beside something that comes back and a lease whose time has passed.
 */
export class Asks {
  private waves = 0;
  private stopping = false;
  private working: Promise<void> = Promise.resolve();

  private constructor(
    private readonly row: Row,
    private readonly project: string,
    private readonly lease: string,
    private readonly appender: Appender,
  ) {}

  static async start(row: Row): Promise<Asks> {
    const { fleet, key } = row;
    const { project = '' } = fleet.projects[0] ?? {};
    const given = [`${key}-returns`, `${key}-ends`].map((customer) => ({
      ...{ project, customer, amount: AMOUNT, gateway: GATEWAY },
      partition: partitionOf(partitionKey(project, customer), partitions),
    }));
    const [lease = '', ended = ''] = await leaseOut(fleet.bed.postgres.admin, given);
    await endLeases(fleet.bed.postgres.admin, [ended]);
    const appender = fleet.log.appender({ partitions: { [topic]: partitions } });
    const asks = new Asks(row, project, lease, appender);
    asks.working = asks.work();
    return asks;
  }

  async finish(): Promise<void> {
    this.stopping = true;
    await this.working;
    await this.appender.close();
  }

  /** Resolves when entitlement has taken all of them: each makes a customer, and tells of it. */
  async taken(): Promise<void> {
    const { fleet } = this.row;
    const ends = await fleet.log.admin.endOffsets(topic);
    const areTaken = async (): Promise<boolean> => {
      const next = await takenTo(fleet.bed.postgres.admin);
      return [...ends].every(([partition, end]) => (next.get(partition) ?? 0n) >= end);
    };
    const what = 'asks to be taken';
    await until(areTaken, { what, withinMs: TAKEN_WITHIN_MS, everyMs: 200 });
  }

  /** What is not as it must be: no unit is lost, and none is there twice. */
  async faults(): Promise<string[]> {
    const { fleet, key } = this.row;
    const counters = await settledCounters(fleet.bed.postgres.admin, `${key}-`);
    return counters.flatMap(({ customer, leased, outstanding }) =>
      leased === outstanding ? [] : [`${customer}: ${leased} leased, ${outstanding} outstanding`],
    );
  }

  private async work(): Promise<void> {
    while (!this.stopping && this.waves < WAVES) {
      this.waves += 1;
      const said = [this.ask(this.waves), this.ask(this.waves - 1), this.returned(this.waves)];
      const entries = said.map((one) => ({
        key: partitionKey(one.project, one.customer),
        value: JSON.stringify(one),
      }));
      // What the log does not take, a gateway would say again: the next wave is as good.
      await this.appender.append(topic, entries);
      await pause(PACE_MS);
    }
  }

  private ask(wave: number): QuotaAsk {
    const customer = `${this.row.key}-asks${wave}`;
    const limits = DEFAULT_TIER_LIMITS.slice(0, 2).map(limitOf);
    const wants = limits.map((limit) => {
      return { limit: counterName(limit, customer), need: 1, want: 10 };
    });
    return {
      type: 'lease.asked',
      ...{ project: this.project, customer, gateway: GATEWAY },
      ...{ ask: `${GATEWAY}-${this.row.key}-${wave}`, wants, watches: [], longestMs: 5_000 },
      ...{ opensAt: null, looks: false, customerVersion: 0 },
    };
  }

  private returned(total: number): QuotaAsk {
    const customer = `${this.row.key}-returns`;
    const whose = { project: this.project, customer, gateway: GATEWAY };
    return { type: 'lease.returned', ...whose, leases: [{ lease: this.lease, total }] };
  }
}

/** The next offset of each partition of the asks. */
function takenTo(url: string): Promise<Map<number, bigint>> {
  return withPostgres(url, async (client) => {
    const { rows } = await client.query<{ partition: number; next_offset: string }>(
      'SELECT partition, next_offset FROM entitlement.log_progress WHERE topic = $1',
      [topic],
    );
    return new Map(rows.map((row) => [row.partition, BigInt(row.next_offset)]));
  });
}
