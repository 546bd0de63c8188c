import { outstanding, returnLease, type Lease } from '@tallyward/domain';
import type { LogEntry } from '@tallyward/platform';
import { testbed, type Testbed } from '@tallyward/testing';
import fc from 'fast-check';
import type { DataSource, EntityManager } from 'typeorm';
import { openStorage } from '../storage/data-source';
import { lockCounters, type CounterKey } from '../storage/leases/counters';
import { findLeases, grantLeases, lockLeases, type StoredLease } from '../storage/leases/leases';
import { saveReturns } from '../storage/leases/returns';
import { aHold, DAY, OWNER, SettlingCustomer } from '../storage/leases/settling-customer.builder';
import { liveFold } from '../storage/totals/fold-transaction';
import { batchOf, customersOf, NEVER_READ, NOW } from './fold.builder';
import { foldBatch } from './fold-batch';
import { readBatch } from './read-batch';

const RUNS = 5;
const AMOUNT = 400;
const NAMES = ['calls', 'premium', 'tokens'];
/** Of both customers: its batches are folded one after another. */
const PARTITION = 4;

const few = fc.array(fc.nat(1_000), { minLength: 1, maxLength: 4 });
const step = fc.oneof(
  fc.record({
    kind: fc.constant('grant' as const),
    of: few,
    size: fc.integer({ min: 1, max: 90 }),
  }),
  fc.record({ kind: fc.constant('return' as const), of: few, size: fc.nat(40) }),
  fc.record({ kind: fc.constant('reclaim' as const), of: few, size: fc.nat(1) }),
  fc.record({ kind: fc.constant('fold' as const), of: few, size: fc.nat(60) }),
  fc.record({ kind: fc.constant('fold' as const), of: few, size: fc.nat(60) }),
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

jest.setTimeout(240_000);

describe('settlements race with grants, returns and reclaims', () => {
  let bed: Testbed;
  let dataSource: DataSource;
  const reached = new Set<string>();
  let runs = 0;

  beforeAll(async () => {
    bed = await testbed();
    dataSource = await openStorage(bed.postgres.entitlement, 'race-spec', () => undefined);
  });
  afterAll(async () => {
    await dataSource?.destroy();
    await bed?.close();
  });

  it('nobody waits in a circle, and every sum is exact', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(step, { minLength: 10, maxLength: 25 }), { minLength: 4, maxLength: 6 }),
        async (workers) => {
          runs += 1;
          const world = new World(dataSource, `run${runs}`);
          await world.open();
          await Promise.all(workers.map((steps) => world.work(steps)));
          for (const what of await world.expectExact()) reached.add(what);
        },
      ),
      // Not shrunk: what a race does once it may not do again, and another failure would be shown.
      { numRuns: RUNS, interruptAfterTimeLimit: 200_000, endOnFailure: true },
    );
    expect([...reached].sort()).toEqual(['above-hold', 'late', 'no-hold', 'paid']);
  });
});

/** One run: two customers of one partition, their counters, and what has happened to them. */
class World {
  private readonly customers: SettlingCustomer[];
  private readonly leases: string[] = [];
  private readonly used = new Map<string, number>();
  private folding: Promise<void> = Promise.resolve();
  private offset = 0n;
  private calls = 0;

  constructor(
    private readonly dataSource: DataSource,
    private readonly run: string,
  ) {
    const names = customersOf(PARTITION, 40).slice(2 * Number(run.slice(3)));
    this.customers = names.slice(0, 2).map((name) => new SettlingCustomer(dataSource, name));
  }

  async open(): Promise<void> {
    await this.dataSource.query(
      'UPDATE entitlement.log_progress SET next_offset = 0, identity = NULL, reached = NULL',
    );
    for (const one of this.customers) {
      await one.open(
        one.counter('calls', { unit: 'calls', amount: AMOUNT }),
        one.counter('premium', { modelGroup: 'premium', amount: AMOUNT }),
        one.counter('tokens', { amount: AMOUNT }),
      );
    }
  }

  async work(steps: readonly Step[]): Promise<void> {
    for (const one of steps) {
      if (one.kind === 'fold') await this.fold(one);
      else await this.dataSource.transaction((manager) => this.move(manager, one));
    }
  }

  /** In a plain transaction, which is not tried again: a deadlock is a failure. */
  private async move(manager: EntityManager, { kind, of, size }: Step): Promise<void> {
    if (kind === 'grant') return this.grant(manager, of, size);
    const ids = [...new Set(of.flatMap((n) => this.leases.at(n % this.leases.length) ?? []))];
    // One whose grant commits after this has no locked counter, and is not there yet for anybody.
    const found = await findLeases(manager, ids);
    await lockCounters(manager, found);
    const locked = await lockLeases(
      manager,
      found.map(({ id }) => id),
    );
    const changed = locked.filter(({ open }) => open);
    await saveReturns(
      manager,
      changed.map((lease) => {
        const change =
          kind === 'return'
            ? returnLease(lease, lease.returned + size)
            : { lease: { ...lease, open: false }, freed: outstanding(lease) };
        return { lease: { ...lease, ...change.lease } as StoredLease, freed: change.freed };
      }),
    );
  }

  private async grant(manager: EntityManager, of: readonly number[], size: number): Promise<void> {
    const keys = [...new Map(of.map((n) => [n % 6, this.key(n)])).values()];
    const rows = await lockCounters(manager, keys);
    const times = { issuedAt: NOW, spendUntil: NOW + 20_000, settleUntil: NOW + 320_000 };
    const slices = rows.flatMap(({ project, customer, name, windowStart, ...row }) => {
      const granted = Math.min(size, row.amount + row.extra - row.used - row.leased);
      const key = { project, customer, name, windowStart, partition: PARTITION };
      return granted > 0 ? [{ ...key, gateway: OWNER, granted, ...times }] : [];
    });
    const numbers = await grantLeases(manager, slices);
    this.leases.push(...numbers.map(String));
  }

  private key(n: number): CounterKey {
    const { project, customer } = this.customers[n % 2] as SettlingCustomer;
    return { project, customer, name: NAMES[n % 3] as string, windowStart: DAY.from };
  }

  /** One batch after another, as the partition's owner does; grants and returns go on meanwhile. */
  private fold(step: Step): Promise<void> {
    this.folding = this.folding.then(() => this.foldNow(step));
    return this.folding;
  }

  private async foldNow({ of, size }: Step): Promise<void> {
    const entries = of.map((n): LogEntry => {
      const who = this.customers[n % 2] as SettlingCustomer;
      const parts = this.partsFor(n, size);
      const modelGroup = n % 5 === 0 ? 'standard' : 'premium';
      const tokens = size + (n % 7) * 5;
      this.add(who, 'calls', 1);
      this.add(who, 'tokens', tokens);
      if (modelGroup === 'premium') this.add(who, 'premium', tokens);
      this.calls += 1;
      const id = `${this.run}-${this.calls}`;
      const hold = parts.length > 0 ? { hold: aHold({ number: this.calls, parts }) } : {};
      const offset = Number(this.offset);
      this.offset += 1n;
      return who.call(offset, tokens, { id, modelGroup, ...hold });
    });
    const batch = readBatch(batchOf(PARTITION, entries));
    const answer = await this.dataSource.transaction((manager) =>
      foldBatch(liveFold(manager), batch, batch.from, NEVER_READ),
    );
    expect(answer).toMatchObject({ kind: 'folded', counts: { counted: entries.length } });
  }

  /** Of leases of whatever state and customer: a hold may come late, or be of somebody else. */
  private partsFor(n: number, size: number): [number, number][] {
    const { length } = this.leases;
    if (length === 0 || n % 4 === 0) return [];
    const picked = new Set([n % length, (n * 7) % length, length - 1 - (n % Math.min(6, length))]);
    return [...picked].map((at) => [Number(this.leases[at]), size + 1]);
  }

  private add({ customer }: SettlingCustomer, name: string, more: number): void {
    const key = `${customer} ${name}`;
    this.used.set(key, (this.used.get(key) ?? 0) + more);
  }

  /** Answers what was reached. */
  async expectExact(): Promise<string[]> {
    const reached: string[] = [];
    const leases = await findLeases(this.dataSource.manager, this.leases);
    for (const who of this.customers) {
      const overruns = await who.overruns();
      reached.push(...overruns.map(({ why }) => why));
      for (const { name, used, leased, overrun } of await who.counters()) {
        const ofCounter = (lease: StoredLease): boolean =>
          lease.customer === who.customer && lease.name === name && lease.open;
        const open: Lease[] = leases.filter(ofCounter);
        const parts = overruns.filter((one) => one.name === name);
        expect({ name, used, leased, overrun }).toEqual({
          name,
          used: this.used.get(`${who.customer} ${name}`) ?? 0,
          leased: open.reduce((sum, lease) => sum + outstanding(lease), 0),
          overrun: parts.reduce((sum, { quantity }) => sum + quantity, 0),
        });
        // What passes the amount, with what is still promised, was said to.
        expect(Math.max(0, used + leased - AMOUNT)).toBeLessThanOrEqual(overrun);
      }
    }
    return leases.some(({ settled }) => settled > 0) ? [...reached, 'paid'] : reached;
  }
}
