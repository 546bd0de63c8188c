import { totalsKeyText, zeroAmounts, type TotalsRow } from '@tallyward/domain';
import { toldLine } from '../close-periods/record-entry';
import type {
  ProofRow,
  StoredPeriod,
  StoredRecord,
} from '../storage/postgres/billing/audited-billing';
import { BillingSide } from './billing-side';
import { ProofsSide } from './proofs-side';
import type { QuarterRows } from './quarters';

const QUARTER_MS = 900_000;
const HOUR_MS = 4 * QUARTER_MS;
const TEN = Date.parse('2026-11-22T10:00:00Z');
/** Next offset of the log as it is compared, and of the proofs, which have gone on. */
const UNTIL = [100n, 120n] as const;
const NO_LABELS = { workspace: '', user: '', role: '', model: '', modelGroup: '' };
const WHOSE = { project: 'demo', customer: 'acme' };

async function* each<T>(items: readonly T[]): AsyncGenerator<T> {
  yield* items;
}

/** So many calls of one model in one quarter; the proof is their number. */
function logged(quarter: number, calls: number, model = 'm', customer = 'acme'): TotalsRow {
  const key = { ...WHOSE, ...NO_LABELS, customer, quarter, model, modelGroup: 'g' };
  return { key, amounts: { ...zeroAmounts(), calls, tokens: 5 * calls }, proof: BigInt(calls) };
}

function byQuarter(rows: readonly TotalsRow[]): Map<number, QuarterRows> {
  const quarters = new Map<number, Map<string, TotalsRow>>();
  for (const row of rows) {
    const those = quarters.get(row.key.quarter) ?? new Map<string, TotalsRow>();
    quarters.set(row.key.quarter, those.set(totalsKeyText(row.key), row));
  }
  return quarters;
}

const LOG = [logged(TEN, 2), logged(TEN, 1, 'n'), logged(TEN + QUARTER_MS, 4)];

describe('the proofs beside the log', () => {
  const proven = (quarter: number, calls: number, last = 50n): ProofRow => {
    const { key, amounts, proof } = logged(quarter, calls, '');
    return { key: { ...key, ...NO_LABELS }, amounts, proof, last };
  };
  async function found(rows: readonly ProofRow[]) {
    const side = new ProofsSide(each(rows), ...UNTIL);
    await side.take(byQuarter(LOG), Infinity);
    const { found: differences, later, sums } = side.result();
    return { told: differences.kept.map(({ row }) => row), later, calls: sums.amounts.calls };
  }
  const [FIRST, SECOND] = [proven(TEN, 3), proven(TEN + QUARTER_MS, 4)];

  it('say the same, summed over all labels', async () => {
    expect(await found([FIRST, SECOND])).toEqual({ told: [], later: 0, calls: 7 });
  });

  it('are told of where one is missing, changed, or there without usage', async () => {
    const [at, then] = ['2026-11-22T10:00:00.000Z', '2026-11-22T10:15:00.000Z'];
    expect((await found([SECOND])).told).toEqual([`demo acme ${at}`]);
    expect((await found([FIRST, { ...SECOND, proof: 9n }])).told).toEqual([`demo acme ${then}`]);
    expect((await found([proven(TEN - QUARTER_MS, 1), FIRST, SECOND])).told).toHaveLength(1);
  });

  it('are left out where they have usage beyond the offsets, as far as proofs are', async () => {
    const ahead = { ...SECOND, proof: 9n, last: 110n };
    expect(await found([FIRST, ahead])).toEqual({ told: [], later: 1, calls: 3 });
    expect((await found([FIRST, { ...ahead, last: 120n }])).told).toHaveLength(1);
  });
});

describe('what was billed beside the log', () => {
  const due = {
    ...{ ...WHOSE, partition: 0, timeZone: 'UTC' },
    period: { from: TEN, to: TEN + HOUR_MS },
  };
  function record(
    model: string,
    unit: 'calls' | 'tokens',
    delta: number,
    before = 0,
  ): StoredRecord {
    const revision = before > 0 ? 1 : 0;
    const figures = { quantity: before + delta, overage: 0, events: 1, proof: 7n };
    const tier = { name: 'T', version: 1 };
    const line = { tier, modelGroup: 'g', model, unit, ...figures, delta, overageDelta: 0 };
    const { recordId, entry } = toldLine(due, revision, line, TEN + HOUR_MS);
    const about = { recordId, revision, tier: 'T', tierVersion: 1, modelGroup: 'g', model, unit };
    return { ...about, ...figures, value: entry.value };
  }
  const RECORDS = [
    record('m', 'calls', 5),
    record('m', 'calls', 1, 5),
    record('m', 'tokens', 30),
    record('n', 'calls', 1),
    record('n', 'tokens', 5),
  ];
  const CLOSED: StoredPeriod = {
    ...{ ...WHOSE, from: TEN, to: TEN + HOUR_MS, asOf: 60n, events: 7, proof: 7n },
    ...{ records: RECORDS, last: 50n, isMarked: false },
  };
  async function found(given: Partial<StoredPeriod> = {}) {
    const side = new BillingSide(each([{ ...CLOSED, ...given }]), ...UNTIL);
    const [first, ...rest] = byQuarter([...LOG, logged(TEN + HOUR_MS, 9)]);
    if (first) await side.take(new Map([first]), TEN + QUARTER_MS);
    await side.take(new Map(rest), Infinity);
    const { billed, periods, unbilled, found: differences } = side.result();
    const told = differences.kept.map(({ row }) => row?.split('Z ')[1]);
    return { told, periods, unbilled, calls: billed.amounts.calls };
  }

  it('comes to the same, over all revisions', async () => {
    expect(await found()).toEqual({ told: [], periods: 1, unbilled: 0, calls: 7 });
  });

  it('is told of by line where a record is missing, doubled or another', async () => {
    const without = RECORDS.filter(({ model, unit }) => model !== 'n' || unit !== 'tokens');
    expect((await found({ records: without })).told).toEqual(['g/n/tokens']);
    const twice = [...RECORDS, record('n', 'tokens', 5, 5)];
    expect((await found({ records: twice })).told).toEqual(['g/n/tokens']);
    expect((await found({ records: [...RECORDS, record('o', 'calls', 1)] })).told).toEqual([
      'g/o/calls',
    ]);
  });

  it('is told of where a record is kept otherwise than it went out', async () => {
    const [one] = RECORDS;
    const changed = RECORDS.map((each) => (each === one ? { ...each, quantity: 6 } : each));
    expect((await found({ records: changed })).told).toEqual([`record ${one?.recordId}`]);
    const unread = RECORDS.map((each) => (each === one ? { ...each, value: 'null' } : each));
    expect((await found({ records: unread })).told).toEqual([
      `record ${one?.recordId}`,
      'g/m/calls',
    ]);
  });

  it('is told of where the period holds other events', async () => {
    expect((await found({ proof: 8n })).told).toEqual(['period']);
    expect((await found({ events: 6 })).told).toEqual(['period']);
  });

  it('is not compared while late usage is to be told, and is where nobody will', async () => {
    const late = { asOf: 40n, events: 6 };
    expect(await found({ ...late, isMarked: true })).toMatchObject({ told: [], unbilled: 1 });
    expect((await found(late)).told).toEqual(['period']);
  });
});
