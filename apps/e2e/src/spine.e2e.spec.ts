import { ensureDatabase } from '@tallyward/local';
import { until, usageEvents, type SentEvent } from '@tallyward/testing';
import { Client } from 'pg';
import { Stack, START_WITHIN_MS } from './stack.builder';

const HOUR_MS = 3_600_000;
const CUSTOMERS = 5;

let stack: Stack;
beforeAll(async () => {
  stack = await Stack.start({ gateways: 2 });
}, START_WITHIN_MS);
afterAll(() => stack?.close());

interface Reconciled {
  readonly equal: boolean;
  readonly log: Record<string, number>;
  readonly totals: Record<string, number>;
  readonly warehouse: Record<string, number>;
  readonly differences: Record<string, unknown>[];
}

async function reconciled(...args: string[]): Promise<Reconciled> {
  const { code, stdout, stderr } = await stack.reconcile('--json', ...args);
  if (stdout === '') throw new Error(`reconcile ended with ${code}: ${stderr}`);
  const result = JSON.parse(stdout) as Reconciled;
  expect(code).toBe(result.equal ? 0 : 1);
  return result;
}

function someEvents(run: string, count: number): SentEvent[] {
  const now = Date.now();
  return usageEvents(count, (n) => ({
    id: `${run}-${n}`,
    customer: `customer-${n % CUSTOMERS}`,
    model: ['gpt-4o', 'o1', 'gpt-4o-mini'][n % 3] ?? '',
    workspace: n % 2 === 0 ? 'emea' : undefined,
    time: now - (n % 4) * HOUR_MS - n,
    inputTokens: 100 + n,
    outputTokens: n,
  }));
}

const span = () => ({
  from: new Date(Date.now() - 24 * HOUR_MS).toISOString(),
  to: new Date(Date.now() + HOUR_MS).toISOString(),
});

async function usage(path: string, more: Record<string, string> = {}): Promise<Row[]> {
  const query = new URLSearchParams({ ...span(), window: 'hour', ...more });
  const answer = await stack.ask<{ data: Row[] }>(`${path}?${query}`);
  expect(answer.status).toBe(200);
  return answer.body.data;
}
type Row = Record<string, number | string | null>;

const sum = (rows: readonly Row[], unit: string): number =>
  rows.reduce((total, row) => total + Number(row[unit]), 0);

describe('the spine, from HTTP to both folds', () => {
  const events = someEvents('run', 400);
  const input = events.reduce((total, { data }) => total + (data.inputTokens ?? 0), 0);

  it('counts what is sent once, however often and to whichever gateway (I2, I5)', async () => {
    await stack.ask('/v1/models/gpt-4o', { method: 'PUT', body: { group: 'premium' } });
    for (const gateway of [0, 1, 0]) {
      const answer = await stack.send(events, { gateway });
      expect([answer.status, answer.body]).toEqual([202, { accepted: 400, rejected: [] }]);
    }
    await stack.folded();
    const rows = await usage('/v1/usage');
    expect([sum(rows, 'calls'), sum(rows, 'inputTokens')]).toEqual([400, input]);
    const result = await reconciled();
    expect(result).toMatchObject({ equal: true, differences: [] });
    for (const side of [result.log, result.totals, result.warehouse]) {
      expect(side).toMatchObject({ calls: 400, inputTokens: input });
    }
  });

  it('reports per customer, by group, as CSV, and as the views have it', async () => {
    const rows = await usage('/v1/customers/customer-1/usage', { groupBy: 'modelGroup' });
    expect(sum(rows, 'calls')).toBe(80);
    expect(new Set(rows.map((row) => row['modelGroup']))).toEqual(
      new Set(['premium', 'unclassified']),
    );
    const query = new URLSearchParams({ ...span(), window: 'month' });
    const csv = await stack.ask(`/v1/customers/customer-1/usage?${query}`, {
      headers: { accept: 'text/csv' },
    });
    expect(csv.headers.get('content-type')).toContain('text/csv');
    expect(csv.text.split('\n')[0]).toMatch(/^from,to,calls,tokens,inputTokens/);
    const sql = 'SELECT sum(calls) FROM usage_per_hour_v1 FORMAT TSV';
    const view = await fetch(
      `${readerUrl(stack.bed.clickhouse.reader)}&query=${encodeURIComponent(sql)}`,
    );
    expect((await view.text()).trim()).toBe('400');
  });

  it('a conflict is kept aside and shown, and the first counts', async () => {
    const [first] = events as [SentEvent];
    const other = { ...first, data: { ...first.data, inputTokens: 999_999 } };
    expect((await stack.send([other])).status).toBe(202);
    await stack.folded();
    const found = await stack.ask<{ data: Row[] }>('/v1/quarantine?reason=id-conflict');
    expect(found.body.data).toMatchObject([{ reason: 'id-conflict', topic: 'usage.events.v1' }]);
    expect(found.body.data[0]?.['content']).toContain('999999');
    expect(sum(await usage('/v1/usage'), 'inputTokens')).toBe(input);
  });

  it('the trail and an event by its id lead to the place in the log', async () => {
    const trail = await stack.ask<{ data: Row[]; nextCursor: string | null }>(
      '/v1/customers/customer-2/events?limit=50',
    );
    expect(trail.body.data).toHaveLength(50);
    expect(trail.body.nextCursor).not.toBeNull();
    const [event] = events as [SentEvent];
    const path = `/v1/events/${encodeURIComponent(event.source)}/${event.id}`;
    const found = await stack.ask<{ data: Row[] }>(`${path}?customer=${event.subject}`);
    expect(found.body.data).toMatchObject([{ id: event.id, counted: { calls: 1 } }]);
    expect((await stack.ask(`${path}?customer=nobody`)).status).toBe(404);
  });

  it('nobody reads another tenant (I11)', async () => {
    const made = await stack.ask<{ project: string; key: string }>('/v1/projects', {
      method: 'POST',
      body: { name: 'Other' },
    });
    expect(made.status).toBe(201);
    const { key } = made.body;
    const asOther = (path: string) => stack.ask<{ data: Row[] }>(path, { key });
    const query = new URLSearchParams({ ...span(), window: 'month' });
    expect(sum((await asOther(`/v1/usage?${query}`)).body.data, 'calls')).toBe(0);
    expect((await asOther('/v1/customers/customer-2/events')).body.data).toEqual([]);
    expect((await asOther('/v1/quarantine')).body.data).toEqual([]);
    expect((await asOther('/v1/models/gpt-4o')).status).toBe(404);
    expect((await asOther('/v1/projects')).status).toBe(403);
    const sent = await stack.send(someEvents('theirs', 10), { key });
    expect(sent.status).toBe(202);
    await stack.folded();
    expect(sum((await asOther(`/v1/usage?${query}`)).body.data, 'calls')).toBe(10);
    expect(sum(await usage('/v1/usage'), 'calls')).toBe(400);
  });

  it('each database role reads what its job needs, and nothing of the other (least privilege)', async () => {
    const { entitlement, aggregator, auditor } = stack.bed.postgres;
    const may = async (url: string, sql: string): Promise<boolean> => {
      const client = new Client({ connectionString: url });
      await client.connect();
      try {
        await client.query(sql);
        return true;
      } catch (error) {
        expect((error as { code?: string }).code).toMatch(/^(42501|25006)$/);
        return false;
      } finally {
        await client.end();
      }
    };
    const from = (table: string) => `SELECT FROM ${table} LIMIT 1`;
    // As every later start does: what was taken back stays so.
    const password = (url: string) => new URL(url).password;
    await ensureDatabase(stack.bed.postgres.admin, new URL(auditor).pathname.slice(1), {
      entitlement: password(entitlement),
      aggregator: password(aggregator),
      auditor: password(auditor),
    });
    expect(await may(auditor, from('entitlement.usage_total'))).toBe(true);
    expect(await may(auditor, from('aggregator.log_progress'))).toBe(true);
    expect(await may(auditor, 'SELECT settings FROM entitlement.project')).toBe(true);
    for (const table of ['api_key', 'audit_fact', 'outbox', 'quarantine']) {
      expect(await may(auditor, from(`entitlement.${table}`))).toBe(false);
    }
    for (const table of ['project', 'customer']) {
      expect(await may(auditor, `SELECT name FROM entitlement.${table}`)).toBe(false);
    }
    expect(await may(auditor, 'DELETE FROM entitlement.usage_total')).toBe(false);
    expect(await may(entitlement, from('aggregator.log_progress'))).toBe(false);
    expect(await may(aggregator, from('entitlement.usage_total'))).toBe(false);
  });

  it('a revoked key is refused at every gateway within a second', async () => {
    const took: number[] = [];
    for (let round = 0; round < 3; round += 1) {
      const made = await stack.ask<{ id: string; key: string }>('/v1/keys', {
        method: 'POST',
        body: { name: 'short-lived', scopes: ['read'] },
      });
      const { id, key } = made.body;
      const at = (gateway: number) => stack.ask('/v1/quarantine', { key, gateway });
      expect((await at(0)).status).toBe(200);
      await stack.ask(`/v1/keys/${id}`, { method: 'DELETE' });
      expect((await at(0)).status).toBe(401);
      const revoked = Date.now();
      await until(async () => (await at(1)).status === 401, { what: 'the other to refuse it' });
      took.push(Date.now() - revoked);
    }
    // The best of three: the machine may be busy with something else, the gateways may not.
    expect(Math.min(...took)).toBeLessThan(1_000);
  });

  it('customers exist from their first event, on a default tier that no change of it touches', async () => {
    const customers = async () => (await stack.ask<{ data: Row[] }>('/v1/customers')).body.data;
    expect(await customers()).toHaveLength(CUSTOMERS);
    const tier = { name: 'Gold', version: 1 };
    const body = { ...tier, limits: [] };
    await stack.ask('/v1/tiers', { method: 'POST', body: { name: 'Gold', limits: body.limits } });
    await stack.ask('/v1/settings', { method: 'PUT', body: { defaultTier: tier }, gateway: 1 });
    const customer = 'newcomer';
    await stack.send(usageEvents(1, () => ({ id: 'first', customer, model: 'another' })));
    await stack.folded();
    const onGold = (await customers()).filter((each) => JSON.stringify(each).includes('"Gold"'));
    expect(onGold.map((each) => each['customer'])).toEqual([customer]);
    const edit = await stack.ask('/v1/tiers/Gold/versions/1', { method: 'PUT', body });
    expect([edit.status, edit.body['code']]).toEqual([409, 'tier-version-in-use']);
  });

  it('moving a model changes events accepted afterwards only', async () => {
    await stack.ask('/v1/models/gpt-4o', { method: 'PUT', body: { group: 'standard' } });
    const model = 'gpt-4o';
    const moved = usageEvents(3, (n) => ({ id: `moved-${n}`, customer: 'customer-9', model }));
    await stack.send(moved);
    await stack.folded();
    const rows = await usage('/v1/usage', { groupBy: 'model,modelGroup' });
    const calls = (group: string) =>
      sum(
        rows.filter((row) => row['model'] === model && row['modelGroup'] === group),
        'calls',
      );
    expect([calls('standard'), calls('premium')]).toEqual([3, 134]);
  });
});

function readerUrl(text: string): string {
  const url = new URL(text);
  const database = url.pathname.slice(1);
  return `${url.origin}/?database=${database}&user=${url.username || 'reader'}`;
}
