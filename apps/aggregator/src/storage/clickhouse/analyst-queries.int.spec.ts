import { testbed, type Testbed } from '@tallyward/testing';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  askReader,
  insertAnalystRows,
  insertRows,
  openWarehouse,
  recordRow,
} from './analyst-rows.builder';
import { BILLING_RECORDS } from './billing-records.table';
import type { ClickHouse } from './clickhouse';

const FOLDER = join(__dirname, '..', '..', '..', '..', '..', 'infra', 'analysts', 'queries');
const FILES = readdirSync(FOLDER).sort();
const textOf = (file: string): string => readFileSync(join(FOLDER, file), 'utf8');
const OCTOBER = { project: 'demo', from: '2026-10-01 00:00:00', to: '2026-11-01 00:00:00' };

let bed: Testbed;
let clickhouse: ClickHouse;
beforeAll(async () => {
  bed = await testbed();
  clickhouse = await openWarehouse(bed.clickhouse.loader);
  await insertAnalystRows(clickhouse);
});
afterAll(async () => {
  await clickhouse?.close();
  await bed?.close();
});

function ask(file: string, more: Record<string, string | number> = {}) {
  return askReader(bed.clickhouse.reader, textOf(file), { ...OCTOBER, ...more });
}

describe("the analysts' queries", () => {
  it('are ten, each says what it answers, names its parameters and reads public views alone', () => {
    expect(FILES.length).toBe(10);
    for (const file of FILES) {
      const comment = /^(?:--.*\n)+/.exec(textOf(file))?.[0] ?? '';
      const sql = textOf(file).slice(comment.length);
      expect([file, comment]).toEqual([file, expect.stringMatching(/\?[^]*Parameters: /)]);
      const told = comment.slice(comment.indexOf('Parameters:'));
      for (const [, name] of sql.matchAll(/\{(\w+):/g)) expect(told).toMatch(`${name}`);
      const read = [...sql.matchAll(/\b(?:FROM|JOIN)\s+(\w+)/g)].map(([, name]) => name);
      expect(read.filter((name) => name !== 'sums' && !name?.endsWith('_v1'))).toEqual([]);
      expect(sql).toContain('project = {project:String}');
    }
  });

  it('top customers, and their share', async () => {
    expect(await ask('01-top-customers.sql', { most: 10 })).toEqual([
      { customer: 'acme', calls: 3, tokens: 5_000, percent_of_tokens: 84.75 },
      { customer: 'beta', calls: 1, tokens: 900, percent_of_tokens: 15.25 },
    ]);
  });

  it('cost drivers by model group and model', async () => {
    const premium = { input_tokens: 2_000, output_tokens: 1_000, output_tokens_per_call: 1_000 };
    const standard = { input_tokens: 2_000, output_tokens: 900, output_tokens_per_call: 300 };
    expect(await ask('02-cost-drivers.sql')).toEqual([
      { model_group: 'premium', model: 'gpt-4.1', calls: 1, ...premium },
      { model_group: 'standard', model: 'gpt-4o', calls: 3, ...standard },
    ]);
  });

  it("one customer's workspaces and users", async () => {
    expect(await ask('03-workspaces-and-users.sql', { customer: 'acme' })).toEqual([
      { workspace: '', user: '', calls: 1, tokens: 3_000, last_call: '2026-10-06 11:00:00.000' },
      {
        workspace: 'emea',
        user: 'u-1',
        calls: 1,
        tokens: 1_500,
        last_call: '2026-10-05 10:15:00.000',
      },
      {
        workspace: 'emea',
        user: 'u-2',
        calls: 1,
        tokens: 500,
        last_call: '2026-10-05 10:45:00.000',
      },
    ]);
  });

  it('weekdays and hours in a time zone', async () => {
    expect(await ask('04-hourly-heat.sql', { zone: 'Europe/Rome' })).toEqual([
      { weekday: 1, hour: 12, calls: 3, tokens: 2_900 },
      { weekday: 2, hour: 13, calls: 1, tokens: 3_000 },
    ]);
  });

  it('the share of input that came from a cache', async () => {
    expect(await ask('05-cached-share.sql')).toEqual([
      { model: 'gpt-4.1', input_tokens: 2_000, cached_tokens: 1_000, percent_cached: 50 },
      { model: 'gpt-4o', input_tokens: 2_000, cached_tokens: 200, percent_cached: 10 },
    ]);
  });

  it('customers at their limits, and the limit behind it', async () => {
    expect(await ask('06-customers-at-limits.sql')).toEqual([
      {
        customer: 'acme',
        outcome: 'block',
        reason: 'used-up',
        refusals: 2,
        last_at: '2026-10-21 10:00:00.000',
        last_limit: 'premium tokens per month',
        last_percent_used: 99.5,
      },
      {
        customer: 'acme',
        outcome: 'throttle',
        reason: 'rate',
        refusals: 1,
        last_at: '2026-10-22 10:00:00.000',
        last_limit: '* calls per minute',
        last_percent_used: 75,
      },
    ]);
  });

  it('overage as it is billed: at the latest revision', async () => {
    expect(await ask('07-overage.sql')).toEqual([
      {
        customer: 'acme',
        period_from: '2026-10-01 00:00:00.000',
        period_to: '2026-11-01 00:00:00.000',
        model_group: 'premium',
        unit: 'tokens',
        quantity: 3_000,
        included: 2_000,
        overage: 1_000,
      },
    ]);
  });

  it('reroutes, from and to', async () => {
    expect(await ask('08-reroutes.sql')).toEqual([
      {
        restricted_from: 'premium',
        restricted_to: 'standard',
        requested_model: 'gpt-4.1',
        served_model: 'gpt-4o',
        calls: 1,
        customers: 1,
      },
    ]);
  });

  it('what changed after it was billed', async () => {
    const november = { from: '2026-11-01 00:00:00', to: '2026-12-01 00:00:00' };
    expect(await ask('09-late-revisions.sql', november)).toEqual([
      expect.objectContaining({
        customer: 'acme',
        model: 'gpt-4.1',
        unit: 'tokens',
        revision: 1,
        delta: 500,
        included_delta: 0,
        overage_delta: 500,
        hours_after_period: 60,
      }),
    ]);
  });

  it('the bill beside the usage: no difference, and one that is planted is found', async () => {
    const rows = await ask('10-bill-against-usage.sql');
    expect(rows.filter(({ difference }) => difference !== 0)).toEqual([]);
    expect(rows.map(({ billed }) => billed)).toEqual(rows.map(({ used }) => used));
    expect(rows.length).toBe(14);
    const line = { customer: 'acme', model: 'gpt-4.1', unit: 'tokens', revision: 2 };
    await insertRows(clickhouse, BILLING_RECORDS, [
      recordRow({ ...line, quantity: 2_999, partition: 1 }),
    ]);
    const [first, ...others] = await ask('10-bill-against-usage.sql');
    expect(first).toMatchObject({ unit: 'tokens', billed: 2_999, used: 3_000, difference: -1 });
    expect(others.filter(({ difference }) => difference !== 0)).toEqual([]);
  });
});
