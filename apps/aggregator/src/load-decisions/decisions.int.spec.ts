import type { DecisionRecorded } from '@tallyward/contracts';
import { clickHouseClient, signCaller } from '@tallyward/platform';
import { testbed, type Testbed } from '@tallyward/testing';
import { foldBed, type FoldBed } from '../load-warehouse/fold-bed.builder';
import {
  appendDecisions,
  decided,
  decisionEntryOf,
  decisionsLanded,
  decisionsView,
  limitState,
} from './decided.builder';

jest.setTimeout(300_000);

type Bed = FoldBed<Testbed>;
type Service = Awaited<ReturnType<Testbed['spawnService']>>;

interface Answer {
  readonly status: number;
  readonly body: {
    readonly data: DecisionRecorded[];
    readonly nextCursor: string | null;
    readonly code?: string;
  };
}

/** One page of the route, as the gateway would ask for it. */
async function asked(
  bed: Testbed,
  service: Service,
  query: Record<string, string>,
  caller: { project?: string; scopes?: string[] } = {},
): Promise<Answer> {
  const signed = { project: 'demo', scopes: ['read'], ...caller };
  const who = { ...signed, keyId: 'k', actor: 'spec', operator: false };
  const headers = { 'x-tallyward-caller': signCaller(who, bed.internalSecret) };
  const answer = await fetch(`${service.url}/v1/decisions?${new URLSearchParams(query)}`, {
    headers,
  });
  return { status: answer.status, body: (await answer.json()) as Answer['body'] };
}

describe('the decision log', () => {
  let bed: Bed;
  let service: Service;
  beforeAll(async () => {
    bed = await foldBed(await testbed());
    service = await bed.bed.spawnService('aggregator');
  });
  afterAll(async () => {
    await service?.stop();
    await bed?.close();
  });

  const list = (query: Record<string, string>, caller = {}) =>
    asked(bed.bed, service, query, caller);
  const land = async (decisions: readonly DecisionRecorded[]): Promise<void> => {
    await appendDecisions(bed.appender, decisions.map(decisionEntryOf));
    await decisionsLanded(bed);
  };

  it('shows a decision in the view with the limit that stood in its way, and by the route as it was recorded', async () => {
    const inTheWay = limitState({
      scope: 'user',
      scopeValue: 'ü-1',
      window: { firstUse: 'PT5H' },
      overrun: 7,
    });
    const full = decided({
      customer: 'one',
      workspace: 'emea',
      user: 'ü-1',
      role: 'analyst',
      outcome: 'restrict',
      reason: 'held',
      restrictedFrom: 'premium',
      model: 'gpt-4o-mini',
      modelGroup: 'standard',
      message: `it's "enough" $$ \n 足りる`,
      expiresAt: '2026-11-22T10:20:30.123Z',
      hold: 17,
      limits: [limitState({ exceeded: false, unit: 'calls' }), inTheWay],
    });
    await land([full]);
    const rows = await decisionsView(bed);
    expect(rows.find((row) => row['decision_id'] === full.decisionId)).toMatchObject({
      project: 'demo',
      customer: 'one',
      decided_at: full.decidedAt,
      outcome: 'restrict',
      reason: 'held',
      requested_group: 'premium',
      model_group: 'standard',
      restricted_from: 'premium',
      message: full.message,
      retry_at: full.retryAt,
      tier: 'Free Trial',
      tier_version: 1,
      estimated_input_tokens: 400,
      gateway: 'gateway-1.abc',
      limit_scope: 'user',
      limit_scope_value: 'ü-1',
      limit_unit: 'tokens',
      limit_window: 'firstUse:PT5H',
      limit_amount: 100_000,
      limit_used: 99_000,
      limit_held: 600,
      limit_remaining: 400,
      limit_overrun: 7,
      limits: JSON.stringify(full.limits),
    });
    const { status, body } = await list({ customer: 'one' });
    expect([status, body.nextCursor]).toEqual([200, null]);
    expect(body.data).toEqual([full]);
  });

  it('names the limit that refused at last, where a reroute had passed others, and what an overage passed', async () => {
    const [first, last] = [limitState(), limitState({ modelGroup: 'standard' })];
    const refused = decided({ customer: 'chain', limits: [first, last] });
    const allowed = decided({ customer: 'chain', outcome: 'allow', reason: null, overage: true });
    const passed = limitState({ onLimit: 'allow', modelGroup: 'reasoning' });
    await land([refused, { ...allowed, limits: [passed, limitState({ exceeded: false })] }]);
    const rows = (await decisionsView(bed)).filter((row) => row['customer'] === 'chain');
    const named = new Map(rows.map((row) => [row['decision_id'], row['limit_model_group']]));
    expect(named.get(refused.decisionId)).toBe('standard');
    expect(named.get(allowed.decisionId)).toBe('reasoning');
  });

  it('holds a decision once that a gateway appended twice, and the first of two under one id', async () => {
    const twice = decided({ customer: 'two' });
    const other = { ...twice, outcome: 'throttle' as const };
    await land([twice, twice]);
    await land([twice, other]);
    expect((await list({ customer: 'two' })).body.data).toEqual([twice]);
  });

  it('goes on behind entries that no one can read, and says which it passed over', async () => {
    const good = decided({ customer: 'three' });
    const entry = decisionEntryOf(good);
    await appendDecisions(bed.appender, [
      { key: 'demo:three', value: 'not json' },
      { key: 'demo:three', value: null },
      { key: 'demo:three', value: '{"decisionId":1}' },
      { ...entry, value: JSON.stringify({ ...good, decidedAt: 'yesterday' }) },
      { ...entry, key: 'demo:another' },
      decisionEntryOf(decided({ customer: 'three', decidedAt: '9999-12-31T23:59:59Z' })),
      entry,
    ]);
    await decisionsLanded(bed);
    expect((await list({ customer: 'three' })).body.data).toEqual([good]);
    const parked = await bed.postgres.query<{ reason: string }[]>(
      `SELECT reason FROM parked_decision WHERE reason <> 'id-conflict' ORDER BY reason`,
    );
    expect(parked.map(({ reason }) => reason)).toEqual([
      'not-a-decision',
      'not-a-decision',
      'not-json',
      'tombstone',
      'too-early',
      'wrong-key',
    ]);
    const metrics = await (await fetch(`${service.url}/metrics`)).text();
    expect(metrics).toMatch(/tallyward_decisions_parked_total\{[^}]*reason="not-json"[^}]*\} 1/);
    expect(metrics).toMatch(/tallyward_decisions_behind_entries\{[^}]*\} 0/);
    const ready = (await (await fetch(`${service.url}/readyz`)).json()) as object;
    expect(JSON.stringify(ready)).toContain('decisions-fold');
  });

  it('says how far it has come to who waits for it, and to nobody else', async () => {
    await land([decided({ customer: 'waited' })]);
    const who = { project: 'demo', scopes: ['read'], keyId: 'k', actor: 'spec', operator: false };
    const headers = { 'x-tallyward-caller': signCaller(who, bed.bed.internalSecret) };
    const address = `${service.url}/internal/decisions/progress`;
    const answer = (await (await fetch(address, { headers })).json()) as Record<string, unknown>;
    expect(answer).toMatchObject({ drained: true });
    expect((await fetch(address)).status).toBe(401);
  });

  it('is read by its own project alone, and by keys that may read', async () => {
    await land([decided({ customer: 'four' }), decided({ customer: 'four', project: 'rival' })]);
    const mine = await list({ customer: 'four' });
    expect(mine.body.data.map(({ project }) => project)).toEqual(['demo']);
    const rivals = await list({}, { project: 'rival' });
    expect(rivals.body.data.map(({ project }) => project)).toEqual(['rival']);
    expect((await list({}, { project: 'nobody' })).body.data).toEqual([]);
    expect((await list({}, { scopes: ['ingest'] })).status).toBe(403);
  });

  it('is read page by page, newest first, over decisions of one instant in many partitions', async () => {
    const at = (n: number) => new Date(Date.now() - 3_600_000 + Math.floor(n / 9)).toISOString();
    const all = Array.from({ length: 27 }, (_, n) =>
      decided({ customer: `page-${n % 5}`, project: 'paged', decidedAt: at(n) }),
    );
    await land(all);
    const seen: DecisionRecorded[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const query: Record<string, string> = cursor === '' ? { limit: '4' } : { limit: '4', cursor };
      const { body } = await list(query, { project: 'paged' });
      expect(body.data.length).toBeLessThanOrEqual(4);
      seen.push(...body.data);
      cursor = body.nextCursor;
    }
    const times = seen.map(({ decidedAt }) => decidedAt);
    expect(times).toEqual([...times].sort().reverse());
    expect(seen.map(({ decisionId }) => decisionId).sort()).toEqual(
      all.map(({ decisionId }) => decisionId).sort(),
    );
  });

  it('is narrowed by outcome, reason and time, whose end is outside', async () => {
    const day = (n: number) => new Date(Date.now() - n * 86_400_000).toISOString();
    const old = decided({ project: 'narrow', decidedAt: day(3), outcome: 'throttle' });
    const held = decided({ project: 'narrow', decidedAt: day(2), reason: 'held' });
    const now = decided({ project: 'narrow', decidedAt: day(1) });
    await land([old, held, now]);
    const of = async (query: Record<string, string>) =>
      (await list(query, { project: 'narrow' })).body.data;
    expect(await of({})).toEqual([now, held, old]);
    expect(await of({ outcome: 'throttle' })).toEqual([old]);
    expect(await of({ reason: 'held' })).toEqual([held]);
    expect(await of({ from: held.decidedAt, to: now.decidedAt })).toEqual([held]);
    expect(await of({ customer: `' OR 1=1 --` })).toEqual([]);
  });

  it.each([
    [{ limit: '0' }],
    [{ limit: '201' }],
    [{ outcome: 'shrug' }],
    [{ reason: 'none' }],
    [{ from: 'yesterday' }],
    [{ cursor: 'bm9uc2Vuc2U' }],
    [{ colour: 'red' }],
  ])('refuses %j and says why', async (query) => {
    const { status, body } = await list(query as unknown as Record<string, string>);
    expect([status, body.code]).toEqual([422, 'invalid']);
  });

  it('is open to the reader of the warehouse, each column with a comment', async () => {
    const reader = clickHouseClient({
      url: bed.bed.clickhouse.reader,
      application: 'spec',
      readonly: true,
    });
    try {
      const columns = await (
        await reader.query({
          query: `SELECT name, comment FROM system.columns
                  WHERE database = currentDatabase() AND table = 'decisions_v1'`,
          format: 'JSONEachRow',
        })
      ).json<{ name: string; comment: string }>();
      expect(columns.length).toBeGreaterThan(35);
      expect(columns.filter(({ comment }) => comment === '')).toEqual([]);
      const rows = await reader.query({
        query: 'SELECT DISTINCT project FROM decisions_v1',
        format: 'JSONEachRow',
      });
      expect(await rows.json()).toContainEqual({ project: 'demo' });
    } finally {
      await reader.close();
    }
  });
});
