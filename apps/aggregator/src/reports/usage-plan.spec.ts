import { usageQuery, type UsageQuery } from '@tallyward/contracts';
import { planUsage, tooManyRows, type UsagePlan } from './usage-plan';
import { fillRows } from './usage-rows';
import { usageStatement } from './usage-sql';

const query = (given: Partial<Record<string, string>>): UsageQuery =>
  usageQuery.parse({ from: '2026-11-21T00:00:00Z', to: '2026-11-22T00:00:00Z', ...given });

function planOf(given: Partial<Record<string, string>>): UsagePlan {
  const planned = planUsage(query(given), true, 'UTC');
  if (planned.kind !== 'plan') throw new Error(planned.kind);
  return planned.plan;
}

const grains = (plan: UsagePlan): unknown[] =>
  plan.stretches.map(({ from, to, grain }) => [
    new Date(from).toISOString().slice(11, 19),
    new Date(to).toISOString().slice(11, 19),
    grain,
  ]);

describe('planning a usage report', () => {
  it('whole quarters are read from the rollup, cut ends from the events', () => {
    const plan = planOf({ from: '2026-11-21T10:07:00Z', to: '2026-11-21T12:20:00Z' });
    expect(grains(plan)).toEqual([
      ['10:07:00', '10:15:00', 'event'],
      ['10:15:00', '12:15:00', 'quarter'],
      ['12:15:00', '12:20:00', 'event'],
    ]);
  });

  it('minutes, tags and spans inside one quarter are read from the events', () => {
    expect(planOf({ window: 'minute' }).stretches).toMatchObject([{ grain: 'event' }]);
    expect(planOf({ groupBy: 'tag.feature' }).stretches).toHaveLength(1);
    const short = planOf({ from: '2026-11-21T10:07:00Z', to: '2026-11-21T10:09:00Z' });
    expect(short.stretches.map((stretch) => stretch.grain)).toEqual(['event']);
  });

  it('refuses what has no answer, naming the parameter', () => {
    const refused = (given: Partial<Record<string, string>>, overCustomers = true) =>
      planUsage(query(given), overCustomers, 'UTC');
    expect(refused({ to: '2026-11-21T00:00:00Z' })).toMatchObject({ parameter: 'to' });
    expect(refused({ from: '1969-01-01T00:00:00Z' })).toMatchObject({ parameter: 'from' });
    expect(refused({ to: '2101-01-01T00:00:00Z' })).toMatchObject({ parameter: 'to' });
    expect(refused({ groupBy: 'customer' }, false)).toMatchObject({ parameter: 'groupBy' });
  });

  it('too many rows names a window that fits', () => {
    const year = query({ from: '2026-01-01T00:00:00Z', window: 'minute' });
    expect(planUsage(year, true, 'UTC')).toMatchObject({ kind: 'too-many-rows' });
    const span = { from: Date.parse('2026-01-01T00:00:00Z'), to: Date.parse(year.to) };
    expect(tooManyRows('minute', span)).toMatchObject({
      detail: expect.stringContaining('window=hour') as string,
    });
    expect(tooManyRows('minute', span, 100)).toMatchObject({
      detail: expect.stringContaining('window=day') as string,
    });
  });

  it('what a client names is bound, never part of the statement', () => {
    const name = "x'); DROP TABLE usage_events; --";
    const plan = planOf({ groupBy: `tag.${name},model` });
    const { query: text, params } = usageStatement({ project: 'demo', customer: name }, plan);
    expect(text).not.toContain('DROP');
    expect(params).toMatchObject({ tag0: name, customer: name });
  });

  it('groupings are named ones only', () => {
    for (const groupBy of ['constructor', '__proto__', 'password', 'tag.', 'model;']) {
      expect(usageQuery.safeParse({ ...query({}), groupBy }).success).toBe(false);
    }
  });
});

describe('filling a usage report', () => {
  it('every window shows with every group that has usage, zeros where nothing was', () => {
    const plan = planOf({ window: 'hour', to: '2026-11-21T02:00:00Z', groupBy: 'model' });
    const start = plan.windows[1]!.from / 1000;
    const filled = fillRows(plan, [
      [start, 'gpt-4o', '1', '12', '10', '2', '0', '0', '0', '0', '0'],
    ]);
    if (filled.kind !== 'rows') throw new Error(filled.kind);
    expect([...filled.rows]).toMatchObject([
      { from: '2026-11-21T00:00:00.000Z', model: 'gpt-4o', calls: 0, tokens: 0 },
      { from: '2026-11-21T01:00:00.000Z', model: 'gpt-4o', calls: 1, tokens: 12, inputTokens: 10 },
    ]);
  });

  it('nothing used: every window still shows', () => {
    const plan = planOf({ window: 'hour', groupBy: 'model' });
    const filled = fillRows(plan, []);
    if (filled.kind !== 'rows') throw new Error(filled.kind);
    const rows = [...filled.rows];
    expect(rows).toHaveLength(24);
    expect(rows[0]).toMatchObject({ model: null, calls: 0 });
  });

  it('windows times groups beyond the limit are refused, not cut off', () => {
    const plan = planOf({ from: '2026-10-01T00:00:00Z', window: 'hour', groupBy: 'user' });
    const found = [...Array(60).keys()].map((i) => [
      plan.windows[0]!.from / 1000,
      `u${i}`,
      ...'111111111',
    ]);
    expect(fillRows(plan, found)).toEqual({ kind: 'too-many', groups: 60 });
  });

  it('a sum beyond 2^53−1 is an error, not a wrong digit', () => {
    const plan = planOf({ window: 'day' });
    const sums = ['1', '9007199254740993', '0', '0', '0', '0', '0', '0', '0'];
    const filled = fillRows.bind(null, plan, [[plan.windows[0]!.from / 1000, ...sums]]);
    expect(filled).toThrow('2^53');
  });
});
