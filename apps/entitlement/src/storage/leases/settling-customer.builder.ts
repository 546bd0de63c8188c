import type { LogEntry as LoggedValue } from '@tallyward/contracts';
import { TOPICS } from '@tallyward/contracts';
import type { LogEntry } from '@tallyward/platform';
import type { DataSource } from 'typeorm';
import { type GivenEntry, homeOf, NOW, usageEntry } from '../../project-totals/fold.builder';
import { type NewCounter, openCounters } from './counters';
import { grantLeases, type NewLease } from './leases';

export const DAY = { from: NOW - (NOW % 86_400_000), to: NOW - (NOW % 86_400_000) + 86_400_000 };
export const OWNER = 'gateway-1.aaaa';
export const OTHER = 'gateway-2.bbbb';

/** A counter as the tables have it. */
export interface StoredCounter {
  readonly name: string;
  readonly used: number;
  readonly leased: number;
  readonly overrun: number;
}

export interface StoredOverrun {
  readonly name: string;
  readonly id: string;
  readonly offset: number;
  readonly quantity: number;
  readonly why: string;
}

type Hold = NonNullable<LoggedValue['hold']>;
export type GivenHold = Partial<Omit<Hold, 'parts'>> & {
  readonly parts: readonly (readonly [lease: number, amount: number])[];
};

export function aHold({ parts, ...more }: GivenHold): Hold {
  return {
    number: 1,
    gateway: OWNER,
    settledBy: OWNER,
    tier: { name: 'Standard', version: 1 },
    expiresAt: NOW + 300_000,
    ...more,
    parts: parts.map(([lease, amount]) => ({ lease: String(lease), amount })),
  };
}

/** For specs: one customer's counters and leases on a real Postgres, and entries about him. */
export class SettlingCustomer {
  readonly project = 'demo';
  readonly partition: number;

  constructor(
    private readonly dataSource: DataSource,
    readonly customer: string,
  ) {
    this.partition = homeOf(customer);
  }

  counter(name: string, more: Partial<NewCounter> = {}): NewCounter {
    const { project, customer } = this;
    return {
      ...{ project, customer, name },
      scope: 'customer',
      scopeValue: customer,
      modelGroup: '*',
      unit: 'tokens',
      window: DAY,
      amount: 1_000,
      extra: 0,
      isHard: true,
      isOnQuarters: true,
      ...more,
    };
  }

  async open(...counters: NewCounter[]): Promise<void> {
    const place = { partition: this.partition, topic: TOPICS.usageEvents.name };
    await this.dataSource.transaction((manager) => openCounters(manager, place, counters));
  }

  /** Its number. */
  async lease(name: string, granted: number, more: Partial<NewLease> = {}): Promise<number> {
    const { project, customer, partition } = this;
    const times = { issuedAt: NOW, spendUntil: NOW + 20_000, settleUntil: NOW + 320_000 };
    const key = { project, customer, name, windowStart: DAY.from };
    const lease = { ...key, partition, gateway: OWNER, granted, ...times, ...more };
    const numbers = await this.dataSource.transaction((manager) => grantLeases(manager, [lease]));
    return numbers[0] as number;
  }

  /** As a reclaim does. */
  async close(lease: number): Promise<void> {
    await this.dataSource.query(
      `WITH closed AS (UPDATE entitlement.lease SET open = false WHERE id = $1 RETURNING *)
       UPDATE entitlement.counter c SET leased = c.leased - (l.granted - l.returned - l.settled)
       FROM closed l WHERE c.project = l.project AND c.customer = l.customer AND c.name = l.name
         AND c.window_start = l.window_start`,
      [lease],
    );
  }

  /** A call of so many tokens. */
  call(offset: number, tokens: number, more: Partial<GivenEntry> = {}): LogEntry {
    const { customer } = this;
    const units = { inputTokens: tokens, outputTokens: 0 };
    return usageEntry({ customer, ...units, ...more, offset: BigInt(offset) });
  }

  async counters(): Promise<StoredCounter[]> {
    const rows = await this.dataSource.query<Record<keyof StoredCounter, string>[]>(
      `SELECT name, used, leased, overrun FROM entitlement.counter
       WHERE project = $1 AND customer = $2 ORDER BY name, window_start`,
      [this.project, this.customer],
    );
    return rows.map(({ name, used, leased, overrun }) => {
      return { name, used: Number(used), leased: Number(leased), overrun: Number(overrun) };
    });
  }

  async settled(...leases: number[]): Promise<number[]> {
    const rows = await this.dataSource.query<{ settled: string }[]>(
      `SELECT l.settled FROM unnest($1::bigint[]) WITH ORDINALITY AS g(id, place)
       JOIN entitlement.lease l USING (id) ORDER BY place`,
      [leases],
    );
    return rows.map(({ settled }) => Number(settled));
  }

  async overruns(): Promise<StoredOverrun[]> {
    const rows = await this.dataSource.query<Record<string, string>[]>(
      `SELECT name, id, log_offset, quantity, why FROM entitlement.overrun
       WHERE project = $1 AND customer = $2 ORDER BY name, log_offset`,
      [this.project, this.customer],
    );
    return rows.map(({ name = '', id = '', log_offset, quantity, why = '' }) => {
      return { name, id, offset: Number(log_offset), quantity: Number(quantity), why };
    });
  }
}
