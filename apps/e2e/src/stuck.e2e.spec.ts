import {
  FaultProxy,
  type SentEvent,
  type Service,
  until,
  untilSeen,
  usageEvents,
} from '@tallyward/testing';
import { Client } from 'pg';
import { ENDED_RELAY, OUTBOX_LOCK } from './storage/outbox-lock';
import { Stack, START_WITHIN_MS } from './stack.builder';
import { recovers, seenOf, showsWithin } from './stuck.builder';

jest.setTimeout(200_000);

const LAG = 0;
/** The watchdog's patience (60 s), and room. */
const EXIT_WITHIN_MS = 90_000;
/** A connection that fell silent is given up after 8 s: one try, and the next. */
const ACCEPTED_WITHIN_MS = 30_000;
const PROXIED = ['gateway', 'entitlement', 'aggregator'] as const;

let stack: Stack;
/** One before the broker for each service, so that one alone can be cut off. */
const proxies = new Map<string, FaultProxy>();

beforeAll(async () => {
  stack = await Stack.start({
    own: ['clickhouse'],
    async before({ brokers }) {
      for (const service of PROXIED) {
        proxies.set(service, await FaultProxy.before(brokers[0] as string));
      }
    },
    envOf: (service) => ({ TALLYWARD_KAFKA_BROKERS: proxies.get(service)?.address ?? '' }),
  });
}, START_WITHIN_MS);

afterAll(async () => {
  await stack?.close();
  for (const proxy of proxies.values()) await proxy.close();
});

let sent = 0;
async function report(count = 50): Promise<{ events: SentEvent[]; ackedAt: number }> {
  const run = (sent += 1);
  const events = usageEvents(count, (n) => ({
    id: `stuck-${run}-${n}`,
    customer: `customer-${n % 10}`,
    time: Date.now() - 1_000,
  }));
  // As a client does: what is not known to be kept is sent again, the same ids.
  const { body } = await until(
    async () => {
      const answer = await stack.send(events);
      return answer.status === 202 ? answer : undefined;
    },
    { what: 'events to be accepted', withinMs: ACCEPTED_WITHIN_MS },
  );
  expect(body).toEqual({ accepted: count, rejected: [] });
  return { events, ackedAt: Date.now() };
}

interface Usage {
  readonly data: readonly { readonly calls: number }[];
  readonly asOf: string;
}

async function usage(): Promise<{ calls: number; asOf: number }> {
  const [from, to] = [-1, 1].map((hours) => new Date(Date.now() + hours * 3_600_000).toISOString());
  const query = new URLSearchParams({ from: from as string, to: to as string, window: 'day' });
  const { status, body } = await stack.ask<Usage>(`/v1/usage?${query}`);
  expect(status).toBe(200);
  const calls = body.data.reduce((sum, row) => sum + row.calls, 0);
  return { calls, asOf: Date.parse(body.asOf) };
}

async function session(): Promise<Client> {
  const client = new Client({ connectionString: stack.bed.postgres.admin });
  await client.connect();
  return client;
}

/** Somebody's session in Postgres that holds what it was told to until it is let go. */
async function holding(...statements: string[]): Promise<() => Promise<void>> {
  const client = await session();
  for (const statement of ['BEGIN', ...statements]) await client.query(statement);
  return async () => {
    await client.query('ROLLBACK');
    await client.end();
  };
}

async function isReady(...services: Service[]): Promise<void> {
  for (const service of services) expect((await seenOf(service)).status).toBe(200);
}

/** A second aggregator that no group takes in; its supervisor starts it again when it ends. */
const outside = { service: undefined as Service | undefined, pid: 0 };

describe('a consumer that stands still shows within 15 s, costs no other one, and recovers', () => {
  it('a fold that no group takes in, though the log answers', async () => {
    const proxy = await FaultProxy.before(stack.bed.brokers[0] as string);
    proxies.set('outside', proxy);
    proxy.swallow('joinGroup');
    const env = { TALLYWARD_KAFKA_BROKERS: proxy.address };
    const service = await stack.bed.spawnService('aggregator', env, { restarts: true });
    Object.assign(outside, { service, pid: service.pid });
    const metric = 'tallyward_log_stalled_seconds';
    const sign = { check: 'warehouse-fold', metric, above: 5 };
    const { faults } = await showsWithin('a fold outside its group', service, sign);
    expect(faults['warehouse-fold']).toMatch(/^not in group aggregator\.warehouse for \d+ s$/);
    await isReady(stack.aggregator, stack.entitlement, ...stack.gateways);
  });

  it('the totals fold, before a table that somebody has locked', async () => {
    const { entitlement, aggregator, gateways } = stack;
    const release = await holding('LOCK TABLE entitlement.usage_total IN ACCESS EXCLUSIVE MODE');
    try {
      const { ackedAt } = await report();
      const sign = { check: 'totals-fold', metric: 'tallyward_totals_lag', above: LAG };
      const { faults } = await showsWithin('the totals fold', entitlement, sign);
      expect(faults['totals-fold']).toMatch(/usage\.events\.v1\/\d+ stands at \d+ for \d+ s/);
      await isReady(aggregator, ...gateways);
      await report();
      // Reports are of the other fold, which goes on.
      await until(async () => (await usage()).asOf > ackedAt, { what: 'a report as of now' });
    } finally {
      await release();
    }
    await recovers('the totals fold', entitlement);
    await stack.folded();
  });

  it('the warehouse fold, before locked progress; a report says as of when it is whole', async () => {
    const { entitlement, aggregator, gateways } = stack;
    await stack.folded();
    const before = await usage();
    // Reads pass: reports are answered, and their asOf is read where the fold would write.
    const release = await holding('LOCK TABLE aggregator.log_progress IN SHARE MODE');
    try {
      const { ackedAt } = await report();
      const metric = 'tallyward_warehouse_behind_entries';
      const sign = { check: 'warehouse-fold', metric, above: LAG };
      await showsWithin('the warehouse fold', aggregator, sign);
      await isReady(entitlement, ...gateways);
      await report();
      const during = await usage();
      expect(during.calls).toBe(before.calls);
      expect(during.asOf).toBeLessThan(ackedAt);
    } finally {
      await release();
    }
    await recovers('the warehouse fold', aggregator);
    await stack.folded();
    const now = Date.now();
    await until(async () => (await usage()).asOf > now, { what: 'an idle system as of now' });
    expect((await usage()).calls).toBe(before.calls + 100);
  });

  it('the warehouse fold, while ClickHouse hangs: its inserts have a deadline', async () => {
    const { bed, entitlement, aggregator, gateways } = stack;
    const { pid } = aggregator;
    const clickhouse = bed.pid('clickhouse') as number;
    process.kill(clickhouse, 'SIGSTOP');
    try {
      await report();
      const metric = 'tallyward_warehouse_behind_entries';
      const sign = { check: 'warehouse-fold', metric, above: LAG };
      const { faults } = await showsWithin(
        'the warehouse fold behind ClickHouse',
        aggregator,
        sign,
      );
      expect(faults['clickhouse']).toBeDefined();
      await isReady(entitlement, ...gateways);
      await untilSeen(
        async () => (await seenOf(aggregator)).faults['warehouse-fold'] ?? '',
        (why) => /Timeout|abort/i.test(why),
        { what: 'the hung insert to be given up', withinMs: 40_000 },
      );
      await report();
    } finally {
      process.kill(clickhouse, 'SIGCONT');
    }
    await recovers('the warehouse fold behind ClickHouse', aggregator);
    await stack.folded();
    // The same process: an engine that is away is no reason to die.
    expect(aggregator.pid).toBe(pid);
  });

  it('the outbox, while somebody else holds its lock', async () => {
    const { entitlement, aggregator, gateways } = stack;
    const [ender, holder] = [await session(), await session()];
    try {
      // Waits in line behind the relay's own session, and has the lock when that is ended.
      const taken = holder.query(`SELECT pg_advisory_lock(${OUTBOX_LOCK})`);
      await until(async () => (await ender.query(ENDED_RELAY)).rowCount, { what: 'its end' });
      await taken;
      const put = stack.ask('/v1/models/stuck', { method: 'PUT', body: { group: 'premium' } });
      const metric = 'tallyward_outbox_oldest_seconds';
      const sign = { check: 'outbox', metric, above: 5 };
      await showsWithin('the outbox', entitlement, sign);
      expect((await put).status).toBe(503);
      await isReady(aggregator, ...gateways);
      await report();
    } finally {
      await Promise.all([ender.end(), holder.end()]);
    }
    await recovers('the outbox', entitlement);
    const { body } = await stack.ask('/v1/models/stuck');
    expect(body).toMatchObject({ group: 'premium' });
  });

  it.each([
    ['entitlement', 'totals-fold', 'tallyward_log_stalled_seconds'],
    ['aggregator', 'warehouse-fold', 'tallyward_log_stalled_seconds'],
    ['gateway', 'snapshots', 'tallyward_log_tail_silent_seconds'],
  ] as const)('%s, whose connections to the log lead nowhere', async (name, check, metric) => {
    const service = { ...stack, gateway: stack.gateways[0] as Service }[name];
    const others = [stack.entitlement, stack.aggregator, ...stack.gateways].filter(
      (other) => other !== service,
    );
    const { pid } = service;
    proxies.get(name)?.blackHole();
    try {
      const seen = await showsWithin(`${name} cut off`, service, { check, metric, above: 5 });
      expect(seen.faults['log']).toBeDefined();
      await isReady(...others);
      if (name !== 'gateway') await report();
    } finally {
      proxies.get(name)?.heal();
    }
    await recovers(`${name} cut off`, service);
    await stack.folded();
    expect(service.pid).toBe(pid);
  });

  it('what does not recover by itself exits, and its supervisor brings it back', async () => {
    const { service, pid } = outside;
    if (!service) throw new Error('there is none');
    const ended = () => /not in group aggregator\.(warehouse|decisions) for 6/.test(service.log());
    await until(ended, { what: 'it to end itself', withinMs: EXIT_WITHIN_MS });
    const isAnother = () => service.pid !== pid;
    await until(isAnother, { what: 'its supervisor to start it again' });
    proxies.get('outside')?.heal();
    await recovers('a fold outside its group', service);
    await report();
    await stack.folded();
  });
});
