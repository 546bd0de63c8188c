import { amountsOf, type LoggedEvent, type UsageEvent } from '@tallyward/domain';
import {
  csvRows,
  jsonLines,
  NDJSON,
  sumsOf,
  testbed,
  type ExportedRow,
  type Testbed,
  type UnitSums,
} from '@tallyward/testing';
import fc from 'fast-check';
import type { FoldBed } from '../load-warehouse/fold-bed.builder';
import { USAGE_LOG, usageRow } from '../load-warehouse/usage-row';
import { askReader, insertRows, recordRow } from '../storage/clickhouse/analyst-rows.builder';
import { BILLING_RECORDS } from '../storage/clickhouse/billing-records.table';
import { insertSettings, insertStatement } from '../storage/clickhouse/row.insert';
import { USAGE_EVENTS } from '../storage/clickhouse/usage-events.table';
import { exportBed, OCTOBER, SUMS_BY_SQL, textOf, type Asking } from './exported.builder';
import {
  exactly,
  fromCsv,
  shown,
  someEvent,
  SPAN_MS,
  START,
  type Some,
} from './some-event.builder';

jest.setTimeout(300_000);

let bed: FoldBed<Testbed>;
let ask: Asking;
beforeAll(async () => {
  ({ bed, ask } = await exportBed(await testbed()));
});
afterAll(() => bed?.close());

let made = 0;

function logged({ sent, isVoided: _, ...given }: Some, project: string): LoggedEvent {
  const n = ++made;
  const event: UsageEvent = {
    project,
    source: 'spec',
    id: `e,${n}`,
    receivedAt: given.time + 5,
    catalogueVersion: 1,
    content: '',
    modelGroup: 'standard',
    role: '',
    hold: null,
    ...given,
    amounts: amountsOf(sent),
  };
  return { partition: 0, offset: BigInt(n), appendedAt: START, event };
}

async function land(
  events: readonly LoggedEvent[],
  voided: readonly LoggedEvent[] = [],
): Promise<void> {
  const [first] = events;
  if (!first) return;
  const voids = voided.map((entry) => rowOfVoid(entry, BigInt(++made)));
  const range = { topicIdentity: 'spec', partition: 0, from: first.offset, to: BigInt(made) + 1n };
  await bed.clickhouse.command({
    query: insertStatement(USAGE_EVENTS, range, [...events.map(usageRow), ...voids].join('\n')),
    clickhouse_settings: insertSettings(range),
  });
}

function rowOfVoid(entry: LoggedEvent, offset: bigint): string {
  const { project, customer, source, id } = entry.event;
  const by = { reason: 'test', actor: 'spec', receivedAt: START };
  const place = { partition: 0, offset, appendedAt: START, identity: '' };
  const voids = { project, customer, source, id, ...by };
  const keyed = { ...entry, identity: '', row: usageRow(entry) };
  return USAGE_LOG.voidRow?.(keyed, { ...place, event: null, voids }) ?? '';
}

const textAt = (project: string, path: string, accept?: string): Promise<string> =>
  textOf(ask(project, path, accept));

/** The same number, from every place where it can be had. */
async function everySum(project: string, from: number, to: number, customer: string | null) {
  const iso = (ms: number): string => new Date(ms).toISOString();
  const span = `from=${iso(from)}&to=${iso(to)}`;
  const of = customer === null ? '' : `&customer=${encodeURIComponent(customer)}`;
  const whose = customer === null ? '' : `/customers/${encodeURIComponent(customer)}`;
  const where = `project = {p:String} AND time >= fromUnixTimestamp64Milli({f:Int64})
    AND time < fromUnixTimestamp64Milli({t:Int64})`;
  const bound = { p: project, f: from, t: to, c: (customer ?? '').replaceAll('\r\n', '\\r\\n') };
  const [csv, lines, api, report, sql] = await Promise.all([
    textAt(project, `/v1/exports/events?${span}${of}`, 'text/csv').then(csvRows),
    textAt(project, `/v1/exports/events?${span}${of}`, NDJSON).then(jsonLines),
    textAt(project, `/v1${whose}/usage?${span}&window=hour`).then(
      (text) => (JSON.parse(text) as { data: Record<string, unknown>[] }).data,
    ),
    textAt(project, `/v1${whose}/usage?${span}&window=day`, 'text/csv').then(csvRows),
    askReader(
      bed.bed.clickhouse.reader,
      `${SUMS_BY_SQL} WHERE ${where}${customer === null ? '' : ' AND customer = {c:String}'}`,
      bound,
    ),
  ]);
  return { csv, lines, sums: [csv, lines, api, report, sql].map(sumsOf) };
}

describe('exports of events', () => {
  it('sum up to what the report, the API and SQL say, to the digit, for any events', async () => {
    const instant = fc.integer({ min: START - 1_000, max: START + SPAN_MS + 1_000 });
    await fc.assert(
      fc.asyncProperty(
        fc.array(someEvent, { maxLength: 200, size: 'large' }),
        fc.tuple(instant, instant),
        fc.boolean(),
        fc.constantFrom(null, 'c1', 'c,2\r\n', 'nobody'),
        async (given, ends, onEvents, customer) => {
          const project = `p${made}-${given.length}`;
          const events = given.map((one) => logged(one, project));
          await land(
            events,
            events.filter((_, at) => given[at]?.isVoided),
          );
          const left = events.filter((_, at) => !given[at]?.isVoided);
          const whose = given.filter((one) => customer === null || one.customer === customer);
          const bounds = onEvents ? whose.map(({ time }) => time) : ends;
          const [from, to] = [Math.min(...bounds), Math.max(...bounds)];
          fc.pre(from < to);
          const wanted = left.filter(
            ({ event }) =>
              event.time >= from &&
              event.time < to &&
              (customer === null || event.customer === customer),
          );
          const expected: UnitSums = sumsOf(wanted.map(({ event }) => event.amounts));
          const { csv, lines, sums } = await everySum(project, from, to, customer);
          expect(sums).toEqual(Array.from({ length: 5 }, () => expected));
          const idsOf = (rows: readonly object[]) =>
            rows.map((row) => JSON.stringify(exactly(row as ExportedRow))).sort();
          const rows = wanted.map((one) => shown(one));
          expect(idsOf(lines)).toEqual(idsOf(rows));
          expect(idsOf(csv.map(fromCsv))).toEqual(idsOf(rows));
        },
      ),
      // A smaller counterexample would cost minutes of inserts: the seed is printed.
      { numRuns: 16, endOnFailure: true },
    );
  });

  it('hold the project of the caller alone, and say as of when', async () => {
    await land([logged(one('mine'), 'mine'), logged(one('theirs'), 'theirs')]);
    const answer = await ask('mine', `/v1/exports/events?${OCTOBER}`, NDJSON);
    expect(Date.parse(answer.headers.get('x-tallyward-as-of') ?? '')).not.toBeNaN();
    const users = jsonLines(await answer.text()).map(({ user }) => user);
    expect(users).toEqual(['mine']);
  });

  it('want a span that goes forward', async () => {
    const backward = '/v1/exports/events?from=2026-11-01T00:00:00Z&to=2026-10-01T00:00:00Z';
    expect((await ask('demo', backward)).status).toBe(422);
    expect((await ask('demo', '/v1/exports/events')).status).toBe(422);
  });
});

const one = (user: string): Some => ({ ...fc.sample(someEvent, 1)[0]!, user });

describe('the FOCUS export', () => {
  const line = { customer: 'acme', model: 'gpt-4.1', unit: 'tokens' };

  it('has a row for each line at its latest revision, in FOCUS’ columns', async () => {
    await insertRows(bed.clickhouse, BILLING_RECORDS, [
      recordRow({ ...line, quantity: 2_500, overage: 500 }),
      recordRow({ ...line, revision: 1, quantity: 3_000, overage: 1_000, partition: 1 }),
      recordRow({ ...line, project: 'other', quantity: 1, partition: 2 }),
      recordRow({ ...line, period_from: '2026-11-01T00:00:00Z', quantity: 7, partition: 3 }),
    ]);
    const rows = csvRows(await textAt('demo', `/v1/exports/focus?${OCTOBER}`));
    expect(rows).toEqual([
      {
        BilledCost: '0',
        BillingAccountId: 'demo',
        BillingAccountName: 'demo',
        BillingCurrency: 'XXX',
        BillingPeriodEnd: '2026-11-01T00:00:00Z',
        BillingPeriodStart: '2026-10-01T00:00:00Z',
        ChargeCategory: 'Usage',
        ChargeClass: '',
        ChargeDescription: 'tokens of gpt-4.1 (premium)',
        ChargeFrequency: 'Usage-Based',
        ChargePeriodEnd: '2026-11-01T00:00:00Z',
        ChargePeriodStart: '2026-10-01T00:00:00Z',
        ConsumedQuantity: '3000',
        ConsumedUnit: 'tokens',
        ContractedCost: '0',
        EffectiveCost: '0',
        InvoiceIssuerName: 'demo',
        ListCost: '0',
        PricingQuantity: '3000',
        PricingUnit: 'tokens',
        ProviderName: 'Tallyward',
        PublisherName: 'Tallyward',
        ServiceCategory: 'AI and Machine Learning',
        ServiceName: 'LLM usage',
        ServiceSubcategory: 'Generative AI',
        SkuId: 'premium/gpt-4.1/tokens',
        SubAccountId: 'acme',
        SubAccountName: 'acme',
        Tags: '{}',
        x_Tier: 'Professional',
        x_TierVersion: '3',
        x_TimeZone: 'UTC',
        x_Included: '2000',
        x_Overage: '1000',
        x_Events: '1',
        x_Revision: '1',
        x_RecordId: 'acme-gpt-4.1-tokens-1',
        x_Proof: '0123456789abcdef0123456789abcdef',
      },
    ]);
    expect(Object.keys(rows[0] ?? {}).length).toBe(38);
  });
});
