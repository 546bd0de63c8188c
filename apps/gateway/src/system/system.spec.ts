import type { SystemAnswer } from '@tallyward/contracts';
import { TOPICS } from '@tallyward/contracts';
import { verifyCaller } from '@tallyward/platform';
import { madeKey, projectOf, SECRET, startTestGateway, type TestGateway } from '../gateway.builder';
import { startUpstream, type Upstream } from '../proxy/upstream.builder';
import { Rate, RATE_OVER_MS } from './rate';

describe('a rate', () => {
  it('is over a minute, and not known before the count was seen twice', () => {
    const rate = new Rate();
    expect(rate.perSecond()).toBeNull();
    rate.note(0, 1_000);
    expect(rate.perSecond()).toBeNull();
    rate.note(30_000, 1_300);
    expect(rate.perSecond()).toBe(10);
    rate.note(RATE_OVER_MS + 1, 1_300);
    expect(rate.perSecond()).toBe(0);
  });

  it('begins anew where a count falls back: the log is another one', () => {
    const rate = new Rate();
    rate.note(0, 1_000);
    rate.note(1_000, 10);
    expect(rate.perSecond()).toBeNull();
    rate.note(2_000, 15);
    expect(rate.perSecond()).toBe(5);
  });
});

describe('the state of the system', () => {
  let gateway: TestGateway;
  let entitlement: Upstream;
  let aggregator: Upstream;
  const operator = madeKey(['admin'], { operator: true });
  const reader = madeKey(['read']);
  const tenant = madeKey(['read']);
  let folded = 90;

  beforeEach(async () => {
    [entitlement, aggregator] = [await startUpstream(), await startUpstream()];
    gateway = await startTestGateway({ entitlement: entitlement.url, aggregator: aggregator.url });
    gateway.log.snapshot('p:demo', projectOf('demo', [operator, reader]));
    gateway.log.snapshot('p:tenant', projectOf('tenant', [tenant, madeKey(['ingest'])]));
    gateway.log.ends.set(
      TOPICS.usageEvents.name,
      new Map([
        [0, 60n],
        [1, 40n],
      ]),
    );
    gateway.log.catchUp();
    const place = (name: string, behind: number, lagSeconds: number | null) => {
      return { name, folded, behind, lagSeconds };
    };
    entitlement.answer = ({ url, headers }, response) => {
      const { project } = verifyCaller(String(headers['x-tallyward-caller']), SECRET) ?? {};
      const counts = { last24h: project === 'demo' ? 7 : 2 };
      if (url === '/internal/folds') folded += 30;
      const folds = { folds: [place('totals', 10, 1.5)] };
      response.end(JSON.stringify(url === '/internal/folds' ? folds : counts));
    };
    aggregator.answer = ({ url }, response) => {
      if (url === '/readyz') response.statusCode = 503;
      const ready = { detail: 'Not ready: clickhouse.' };
      const folds = { folds: [place('warehouse', 0, 0), place('proofs', 3, null)] };
      response.end(JSON.stringify(url === '/readyz' ? ready : folds));
    };
  });
  afterEach(async () => {
    await gateway.close();
    await Promise.all([entitlement.close(), aggregator.close()]);
  });

  async function asked(key = operator) {
    const headers = { authorization: `Bearer ${key.key}` };
    const answer = await fetch(`${gateway.url}/v1/system`, { headers });
    return { status: answer.status, body: (await answer.json()) as SystemAnswer };
  }

  it('tells the operator’s project all of it, with rates', async () => {
    const { status, body } = await asked(reader);
    expect(status).toBe(200);
    expect(body).toMatchObject({
      services: [
        { name: 'gateway', state: 'up' },
        { name: 'entitlement', state: 'up' },
        { name: 'aggregator', state: 'degraded', detail: 'Not ready: clickhouse.' },
      ],
      log: { end: 100, perSecond: 0 },
      folds: [
        { name: 'totals', behind: 10, lagSeconds: 1.5 },
        { name: 'warehouse', behind: 0, lagSeconds: 0 },
        { name: 'proofs', behind: 3, lagSeconds: null },
      ],
      quarantine: { last24h: 7 },
    });
    expect(body.folds[0]?.perSecond).toBeGreaterThan(0);
    expect(body.folds[0]?.perSecond).toBeLessThanOrEqual(30);
  });

  it('tells another project nothing that counts others', async () => {
    const { body } = await asked(tenant);
    expect(body.log).toEqual({ end: null, perSecond: null });
    expect(body.folds).toEqual([
      { name: 'totals', behind: null, perSecond: null, lagSeconds: 1.5 },
      { name: 'warehouse', behind: null, perSecond: null, lagSeconds: 0 },
      { name: 'proofs', behind: null, perSecond: null, lagSeconds: null },
    ]);
    expect(body.quarantine).toEqual({ last24h: 2 });
  });

  it('says so where services are away, or the log is', async () => {
    await Promise.all([entitlement.close(), aggregator.close()]);
    gateway.log.reachable = false;
    gateway.log.ends.clear();
    const { status, body } = await asked();
    expect([status, body.log.end, body.quarantine.last24h]).toEqual([200, null, null]);
    expect(body.services).toMatchObject([
      { name: 'gateway', state: 'degraded', detail: 'Not ready: log.' },
      { name: 'entitlement', state: 'down' },
      { name: 'aggregator', state: 'down' },
    ]);
    expect(body.folds).toEqual([]);
  });

  it('asks nobody while nobody watches', () => {
    expect([...entitlement.seen, ...aggregator.seen]).toEqual([]);
  });
});
