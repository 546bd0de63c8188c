import { readLogEntry } from '@tallyward/contracts';
import { USAGE_PARTITIONS } from '@tallyward/domain';
import { partitionOf } from '@tallyward/platform';
import { type Service, type Testbed, testbed, until } from '@tallyward/testing';
import { madeKey, projectOf, usageEvent } from './gateway.builder';
import { openRealLog, type RealLog } from './real-log.builder';
import { BATCH } from './record-usage/send-usage.builder';

/** Events that were answered 202, and how every request was answered. */
interface Sent {
  readonly acked: Set<string>;
  readonly answers: Map<number, number>;
}

const MOST_MEMORY_BYTES = 400 * 1_048_576;
const AWAY = 'http://127.0.0.1:1';
const key = madeKey(['ingest', 'read']);

let bed: Testbed;
let real: RealLog;
let gateways: Service[];

beforeAll(async () => {
  bed = await testbed({ own: ['kafka'] });
  real = await openRealLog(bed);
  await real.publish(projectOf('demo', [key]));
  const env = { TALLYWARD_ENTITLEMENT_URL: AWAY, TALLYWARD_AGGREGATOR_URL: AWAY };
  gateways = [await bed.spawnService('gateway', env), await bed.spawnService('gateway', env)];
}, 120_000);
afterAll(async () => {
  await real?.log.close();
  await bed?.close();
}, 60_000);

async function post(gateway: Service, events: object[]): Promise<number> {
  const response = await fetch(`${gateway.url}/v1/events`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key.key}`, 'content-type': BATCH },
    body: JSON.stringify(events),
    signal: AbortSignal.timeout(30_000),
  });
  await response.arrayBuffer();
  return response.status;
}

/** Sends batches of new events to one gateway after another, until told to stop. */
async function send(name: string, sent: Sent, goesOn: () => boolean): Promise<void> {
  for (let batch = 0; goesOn(); batch++) {
    const ids = Array.from({ length: 50 }, (_, n) => `${name}-${batch}-${n}`);
    const events = ids.map((id, n) => usageEvent({ id, subject: `customer-${n % 20}` }));
    const status = await post(gateways[batch % gateways.length] as Service, events);
    sent.answers.set(status, (sent.answers.get(status) ?? 0) + 1);
    if (status === 202) for (const id of ids) sent.acked.add(id);
    if (status === 503) await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** The ids in the log; each entry lies where its key belongs and is one that folds read. */
async function idsInLog(): Promise<Set<string>> {
  const ids = new Set<string>();
  const place = (text: string) => partitionOf(text, USAGE_PARTITIONS);
  for (const [partition, entries] of await real.read()) {
    for (const entry of entries) {
      const read = readLogEntry({ ...entry, partition }, place);
      expect(read).toMatchObject({ kind: 'event' });
      if (read.kind === 'event') ids.add(read.entry.event.id);
    }
  }
  return ids;
}

const missing = async ({ acked }: Sent) => {
  const there = await idsInLog();
  return [...acked].filter((id) => !there.has(id));
};

async function memoryOf(gateway: Service): Promise<number> {
  const text = await (await fetch(`${gateway.url}/metrics`)).text();
  return Number(/^process_resident_memory_bytes(?:\{[^}]*\})? (\S+)/m.exec(text)?.[1]);
}

describe('an event that was answered 202', () => {
  it('is in the log, at the partition of its key, whichever gateway took it', async () => {
    const sent: Sent = { acked: new Set(), answers: new Map() };
    const until = Date.now() + 2_000;
    await Promise.all(['a', 'b'].map((name) => send(name, sent, () => Date.now() < until)));
    expect([...sent.answers.keys()]).toEqual([202]);
    expect(sent.acked.size).toBeGreaterThan(100);
    expect(await missing(sent)).toEqual([]);
  });

  it('is kept when Kafka is killed under load, and when it stays away', async () => {
    const sent: Sent = { acked: new Set(), answers: new Map() };
    let isOver = false;
    const senders = ['c', 'd', 'e', 'f'].map((name) => send(name, sent, () => !isOver));
    const more = (count: number, when: string) => {
      const wanted = sent.acked.size + count;
      const what = `${count} events ${when}`;
      return until(() => sent.acked.size >= wanted, { what, withinMs: 40_000 });
    };
    try {
      await more(500, 'before the kill');
      bed.kill('kafka');
      await bed.serves('kafka');
      await more(500, 'after the kill');
      await bed.stop('kafka');
      await until(() => sent.answers.get(503), { what: 'a 503 while Kafka is away' });
      for (const bytes of await Promise.all(gateways.map(memoryOf))) {
        expect(bytes).toBeLessThan(MOST_MEMORY_BYTES);
      }
      await bed.start('kafka');
      await more(500, 'once Kafka is back');
    } finally {
      isOver = true;
      await Promise.allSettled(senders);
    }
    expect([...sent.answers.keys()].sort()).toEqual([202, 503]);
    expect(await missing(sent)).toEqual([]);
  }, 180_000);
});

describe('a revoked key', () => {
  it('is refused by every gateway within a second', async () => {
    const took: number[] = [];
    for (let version = 2; version <= 4; version++) {
      const other = madeKey(['read']);
      const usable = (gateway: Service) =>
        fetch(`${gateway.url}/v1/usage`, { headers: { authorization: `Bearer ${other.key}` } });
      await real.publish(projectOf('demo', [key, other], version * 2));
      const known = async () =>
        (await Promise.all(gateways.map(usable))).every(({ status }) => status !== 401);
      await until(known, { what: 'the key to be known' });
      await real.publish(projectOf('demo', [key], version * 2 + 1));
      const startedAt = Date.now();
      const refused = async () =>
        (await Promise.all(gateways.map(usable))).every(({ status }) => status === 401);
      await until(refused, { what: 'the key to be refused' });
      took.push(Date.now() - startedAt);
    }
    // The best of three: the machine may be busy with something else, the gateways may not.
    expect(Math.min(...took)).toBeLessThan(1_000);
  });
});
