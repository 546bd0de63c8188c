import { clickHouseClient } from '@tallyward/platform';
import { until, usageEvents } from '@tallyward/testing';
import { Client } from 'pg';
import { START_WITHIN_MS, Stack } from './stack.builder';
import { FAULTS, FAULTY_SIDES, FaultPlanter } from './storage/planted-faults';

const HOUR_MS = 3_600_000;
const CLOSED_WITHIN_MS = 90_000;
const EVENTS = 3_000;
const CUSTOMERS = 30;
const MODELS = ['gpt-4o', 'o3'] as const;
/** Which events the faults are planted in follows from it. */
const SEED = 20_261_123;

let stack: Stack;
let clickhouse: ReturnType<typeof clickHouseClient>;
let postgres: Client;
let planter: FaultPlanter;

beforeAll(async () => {
  stack = await Stack.start();
  clickhouse = clickHouseClient({ url: stack.bed.clickhouse.loader, application: 'spec' });
  postgres = new Client({ connectionString: stack.bed.postgres.admin });
  await postgres.connect();
  planter = new FaultPlanter(postgres, clickhouse);
  const over = Math.floor(Date.now() / HOUR_MS) * HOUR_MS - 2 * HOUR_MS;
  const call = (n: number) => ({
    id: `e${n}`,
    customer: `c${n % CUSTOMERS}`,
    // Not every customer's calls are of one model.
    model: MODELS[Math.floor(n / CUSTOMERS) % MODELS.length] ?? MODELS[0],
    time: new Date(over + n).toISOString(),
  });
  for (let sent = 0; sent < EVENTS; sent += 1_000) {
    await stack.send(usageEvents(1_000, (n) => call(sent + n)));
  }
  await stack.folded();
  const body = { closing: { every: 'hour', grace: 'PT0S' } };
  await stack.done('/v1/settings', { method: 'PUT', body });
  const closed = async () => {
    const { rows } = await postgres.query('SELECT FROM aggregator.billing_period');
    return rows.length === CUSTOMERS;
  };
  await until(closed, { what: 'every customer’s hour to be closed', withinMs: CLOSED_WITHIN_MS });
}, START_WITHIN_MS + CLOSED_WITHIN_MS);

afterAll(async () => {
  await postgres?.end();
  await clickhouse?.close();
  await stack?.close();
});

interface Told {
  readonly equal: boolean;
  readonly billing: { readonly events: number; readonly periods: number };
  readonly differences: readonly {
    readonly side: string;
    readonly customer: string;
    readonly eventId?: string;
    readonly row?: string;
  }[];
}

async function reconciled(): Promise<Told> {
  const { code, stdout, stderr } = await stack.reconcile('--json');
  if (stdout === '') throw new Error(`reconcile ended with ${code}: ${stderr}`);
  const told = JSON.parse(stdout) as Told;
  expect(code).toBe(told.equal ? 0 : 1);
  return told;
}

const cases = FAULTY_SIDES.flatMap((side) => FAULTS.map((fault) => [side, fault] as const));

describe(`one fault among ${EVENTS} events is found and named, seed ${SEED}`, () => {
  it('and none where there is none', async () => {
    const { equal, billing, differences } = await reconciled();
    expect([equal, differences]).toEqual([true, []]);
    expect([billing.events, billing.periods]).toEqual([EVENTS, CUSTOMERS]);
  });

  it.each(cases)('in %s: %s', async (side, fault) => {
    const n = (SEED * (1 + FAULTS.indexOf(fault)) + FAULTY_SIDES.indexOf(side)) % EVENTS;
    const planted = await planter.plant(side, fault, `e${n}`, `c${(n + 1) % CUSTOMERS}`);
    try {
      const { differences } = await reconciled();
      expect(new Set(differences.map((one) => one.side))).toEqual(new Set([side]));
      expect(differences.length).toBeLessThanOrEqual(3);
      const names = differences.map((one) => one.eventId ?? one.row ?? '');
      // A sum that holds many events can only be named itself, where none explains what is off.
      const expected = side === 'warehouse' ? planted.of : planted.customer;
      expect([...names, ...differences.map(({ customer }) => customer)]).toContain(expected);
    } finally {
      await planted.undo();
    }
  });

  it('and none once all were taken out again', async () => {
    expect((await reconciled()).differences).toEqual([]);
  });
});
