import { clickHouseClient } from '@tallyward/platform';
import { usageEvents } from '@tallyward/testing';
import { Client } from 'pg';
import { START_WITHIN_MS, Stack } from './stack.builder';

let stack: Stack;
let clickhouse: ReturnType<typeof clickHouseClient>;
let postgres: Client;

beforeAll(async () => {
  stack = await Stack.start();
  clickhouse = clickHouseClient({ url: stack.bed.clickhouse.loader, application: 'spec' });
  postgres = new Client({ connectionString: stack.bed.postgres.admin });
  await postgres.connect();
  await stack.send(usageEvents(120, (n) => ({ id: `e${n}`, customer: `c${n % 12}` })));
  await stack.folded();
}, START_WITHIN_MS);

afterAll(async () => {
  await postgres?.end();
  await clickhouse?.close();
  await stack?.close();
});

interface Named {
  readonly kind: string;
  readonly side: string;
  readonly customer: string;
  readonly eventId?: string;
  readonly row?: string;
  readonly detail: string;
}

async function differences(...args: string[]): Promise<Named[]> {
  const { code, stdout, stderr } = await stack.reconcile('--json', ...args);
  if (stdout === '') throw new Error(`reconcile ended with ${code}: ${stderr}`);
  const result = JSON.parse(stdout) as { equal: boolean; differences: Named[] };
  expect(code).toBe(result.differences.length === 0 ? 0 : 1);
  expect(result.equal).toBe(result.differences.length === 0);
  return result.differences;
}

const brief = (found: readonly Named[]): unknown[] =>
  found
    .map(({ kind, side, eventId, row }) => [side, kind, eventId ?? row?.split(' ')[1]].join(' '))
    .sort();

const warehouse = (query: string) =>
  clickhouse.command({ query, clickhouse_settings: { mutations_sync: '2' } });

const UNITS =
  'calls tokens input_tokens output_tokens cache_read_tokens cache_write_tokens reasoning_tokens images tool_calls'.split(
    ' ',
  );

describe('reconcile finds and names what was damaged by hand (I5)', () => {
  it('nothing, where nothing was damaged', async () => {
    expect(await differences()).toEqual([]);
    expect((await stack.reconcile()).stdout).toContain('EQUAL');
  });

  it('in the warehouse: an event missing, doubled, changed, moved', async () => {
    await warehouse("ALTER TABLE usage_events DELETE WHERE event_id = 'e0'");
    await warehouse("INSERT INTO usage_events SELECT * FROM usage_events WHERE event_id = 'e1'");
    await warehouse(
      "ALTER TABLE usage_events UPDATE output_tokens = output_tokens + 1 WHERE event_id = 'e2'",
    );
    await warehouse(
      "INSERT INTO usage_events SELECT * REPLACE ('c9' AS customer) FROM usage_events WHERE event_id = 'e3'",
    );
    await warehouse("ALTER TABLE usage_events DELETE WHERE event_id = 'e3' AND customer = 'c3'");
    const found = await differences();
    expect(brief(found)).toEqual([
      'warehouse changed e2',
      'warehouse changed e3',
      'warehouse doubled e1',
      'warehouse missing e0',
    ]);
    expect(found.find(({ eventId }) => eventId === 'e3')?.detail).toContain('here c9');
    expect(await differences('--customer', 'c5')).toEqual([]);
    const text = (await stack.reconcile()).stdout;
    expect(text).toMatch(/MISSING in warehouse: demo c0 event e0 at \d+@\d+/);
    expect(text).toContain('NOT EQUAL  4 differences');
  });

  it('in the totals: a row edited, an event missing, doubled, moved', async () => {
    await postgres.query(
      "UPDATE entitlement.usage_total SET tokens = tokens + 7 WHERE customer = 'c6'",
    );
    await shift('e7', 'c7', -1n);
    await shift('e8', 'c8', 1n);
    await shift('e10', 'c10', -1n);
    await shift('e10', 'c10', 1n, 'c11');
    const found = (await differences()).filter(({ side }) => side === 'totals');
    expect(brief(found)).toEqual([
      'totals changed e10',
      'totals doubled e8',
      'totals missing e7',
      'totals row c6',
    ]);
    expect(found.find(({ kind }) => kind === 'changed')?.detail).toMatch(/^moved: .* c10 .* c11 /);
    expect(found.find(({ kind }) => kind === 'row')?.detail).toMatch(/tokens: log \d+, store \d+/);
  });
});

/** Takes one event out of its totals row, or adds it a second time, or to another customer's. */
async function shift(id: string, customer: string, times: bigint, to = customer): Promise<void> {
  const answer = await clickhouse.query({
    query: `SELECT ${UNITS.join(', ')}, toString(reinterpretAsUInt128(MD5(${PROOF_TEXT}))) AS proof
      FROM usage_events WHERE event_id = {id:String} AND customer = {customer:String}`,
    query_params: { id, customer, to },
    format: 'JSONEachRow',
  });
  const [event] = await answer.json<Record<string, string>>();
  if (!event) throw new Error(`no event ${id}`);
  const sums = UNITS.map((unit) => `${unit} = ${unit} + (${times * BigInt(event[unit] ?? 0)})`);
  const modulus = 2n ** 128n;
  await postgres.query(
    `UPDATE entitlement.usage_total SET ${sums.join(', ')},
       proof = (proof + ${(modulus + times * BigInt(event['proof'] ?? 0)) % modulus}) % ${modulus}
     WHERE customer = $1 AND quarter = (SELECT max(quarter) FROM entitlement.usage_total WHERE customer = $1)`,
    [to],
  );
}

const FIELDS = [
  ...['{to:String}', 'source', 'event_id', 'toString(toUnixTimestamp64Milli(time))'],
  ...['toString(model)', 'toString(model_group)', 'workspace', '`user`', 'role'],
  ...UNITS.map((unit) => `toString(${unit})`),
];
const PROOF_TEXT = `concat(${FIELDS.map((f) => `toString(length(${f})), ':', ${f}`).join(', ')})`;
