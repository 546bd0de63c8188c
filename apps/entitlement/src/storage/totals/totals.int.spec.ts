import { amountsRecord, type TotalsRow } from '@tallyward/domain';
import { testbed, type Testbed } from '@tallyward/testing';
import type { DataSource } from 'typeorm';
import { openStorage } from '../data-source';
import { insertKeys, type NewKey } from './keys';
import { LIVE_TABLES } from './tables';
import { addTotals } from './totals';

/** Enough rows that two transactions meet on their way through them. */
const ROWS = 2_000;
const ROUNDS = 10;

describe('writing totals and keys', () => {
  let bed: Testbed;
  let dataSource: DataSource;

  beforeAll(async () => {
    bed = await testbed();
    dataSource = await openStorage(bed.postgres.entitlement, 'totals-spec', () => undefined);
  });

  afterAll(async () => {
    await dataSource?.destroy();
    await bed?.close();
  });

  const row = (n: number, proof = 1n): TotalsRow => ({
    key: {
      project: 'demo',
      customer: `c${n % 50}`,
      quarter: Math.floor(n / 50) * 900_000,
      workspace: '',
      user: '',
      role: '',
      model: 'm',
      modelGroup: 'g',
    },
    amounts: amountsRecord(() => 1),
    proof,
  });

  it('transactions that write the same rows never wait for each other in a circle', async () => {
    const rows = Array.from({ length: ROWS }, (_, n) => row(n));
    const orders = [rows, [...rows].reverse()];
    for (let round = 0; round < ROUNDS; round += 1) {
      await Promise.all(
        orders.map((order) =>
          dataSource.transaction((manager) => addTotals(manager, LIVE_TABLES.totals, 0, order)),
        ),
      );
    }
    const [sum] = await dataSource.query<{ calls: string }[]>(
      'SELECT sum(calls) AS calls FROM entitlement.usage_total',
    );
    expect(Number(sum?.calls)).toBe(2 * ROUNDS * ROWS);
  });

  it('transactions that insert the same keys never wait for each other in a circle', async () => {
    for (let round = 0; round < ROUNDS; round += 1) {
      const keys = Array.from({ length: ROWS }, (_, n): NewKey => {
        const identity = (round * ROWS + n).toString(16).padStart(32, '0');
        return { identity, offset: BigInt(n), content: '0'.repeat(32), time: n, voidedAt: null };
      });
      const orders = [keys, [...keys].reverse()];
      const known = await Promise.all(
        orders.map((order) =>
          dataSource.transaction((manager) => insertKeys(manager, LIVE_TABLES.keys, 0, order)),
        ),
      );
      expect(known.map(({ size }) => size).sort()).toEqual([0, ROWS]);
    }
  });

  it('proofs add up modulo 2^128, and sums keep every digit up to 2^53 - 1', async () => {
    await dataSource.query('TRUNCATE entitlement.usage_total');
    const most = (1n << 128n) - 1n;
    const half = (2 ** 53 - 2) / 2;
    const big = { ...row(0, most), amounts: amountsRecord(() => half) };
    await addTotals(dataSource.manager, LIVE_TABLES.totals, 0, [big]);
    await addTotals(dataSource.manager, LIVE_TABLES.totals, 0, [big]);
    await addTotals(dataSource.manager, LIVE_TABLES.totals, 0, [row(0, 5n)]);
    const [stored] = await dataSource.query<{ tokens: string; proof: string }[]>(
      'SELECT tokens, proof FROM entitlement.usage_total',
    );
    expect(stored).toEqual({ tokens: String(2 ** 53 - 1), proof: String(3n) });
  });
});
