import type { AppendOutcome, Entry } from '@tallyward/platform';
import { until } from '@tallyward/testing';
import {
  madeKey,
  projectOf,
  startTestGateway,
  type TestGateway,
  usageEvent,
} from '../gateway.builder';
import { INGEST_LIMITS, type IngestLimits } from './ingest-limits';
import { entriesOf, sendUsage } from './send-usage.builder';

let gateway: TestGateway;
const key = madeKey(['ingest', 'read']);
const start = async (limits: Partial<IngestLimits> = {}) => {
  gateway = await startTestGateway({ limits: { ...INGEST_LIMITS, ...limits } });
  gateway.log.snapshot('p:demo', projectOf('demo', [key]));
  gateway.log.catchUp();
};
afterEach(() => gateway.close());

const post = (body: unknown, headers?: Record<string, string>) =>
  sendUsage(gateway, key, body, headers);
const all = (outcome: AppendOutcome) => (entries: Entry[]) =>
  Promise.resolve(entries.map(() => outcome));
const placed: AppendOutcome = {
  kind: 'acked',
  place: { topic: 'usage.events.v1', partition: 0, offset: 1n },
};
const unknown: AppendOutcome = { kind: 'unknown', reason: 'no answer within 8000 ms' };

/** Appends wait until they are let go. */
function holdAppends(): { waiting: () => number; letGo: () => void } {
  const held: (() => void)[] = [];
  gateway.log.answer = (entries) =>
    new Promise((resolve) => held.push(() => resolve(entries.map(() => placed))));
  return { waiting: () => held.length, letGo: () => held.splice(0).forEach((go) => go()) };
}

describe('202', () => {
  it('comes only after the log has acked', async () => {
    await start();
    const appends = holdAppends();
    const answer = post(usageEvent()).then(({ status }) => status);
    await until(() => appends.waiting() === 1, { what: 'the append' });
    // One that had not waited would be back before another that was sent later.
    gateway.log.answer = all(placed);
    expect(await post(usageEvent({ id: 'later' }))).toMatchObject({ status: 202 });
    expect(await Promise.race([answer, 'waiting'])).toBe('waiting');
    appends.letGo();
    expect(await answer).toBe(202);
  });

  it.each<[string, AppendOutcome]>([
    ['unknown', unknown],
    ['not sent', { kind: 'refused', reason: 'not-sent' }],
    ['closed', { kind: 'refused', reason: 'closed' }],
  ])('does not come where one entry of many is %s: 503, send the same again', async (_, one) => {
    await start();
    gateway.log.answer = (entries) =>
      Promise.resolve(entries.map((_entry, index) => (index === 1 ? one : placed)));
    const answer = await post([1, 2, 3].map((n) => usageEvent({ id: `call-${n}` })));
    expect(answer).toMatchObject({ status: 503, body: { code: 'not-durable' } });
    expect(answer.headers.get('retry-after')).toBe('1');
    expect(answer.body['detail']).toContain('same ids');
  });

  it('takes one id twice in one batch: the folds count it once', async () => {
    await start();
    expect(await post([usageEvent(), usageEvent()])).toMatchObject({ body: { accepted: 2 } });
    expect(entriesOf(gateway)).toHaveLength(2);
  });
});

describe('too much at once', () => {
  it('is 429 where the queue to the log is full', async () => {
    await start();
    gateway.log.answer = all({ kind: 'refused', reason: 'overloaded' });
    const answer = await post(usageEvent());
    expect(answer).toMatchObject({ status: 429, body: { code: 'overloaded' } });
    expect(answer.headers.get('retry-after')).toBe('1');
  });

  it('is 429 before a body is read, where requests under way hold too many bytes', async () => {
    const size = JSON.stringify(usageEvent()).length;
    await start({ bodyBytesInFlight: Math.floor(size * 2.5) });
    const appends = holdAppends();
    const running = [post(usageEvent()), post(usageEvent())];
    await until(() => appends.waiting() === 2, { what: 'both appends' });
    // A further one that were let in would be answered at once.
    gateway.log.answer = all(placed);
    expect(await post(usageEvent())).toMatchObject({ status: 429 });
    expect(entriesOf(gateway)).toEqual([]);
    appends.letGo();
    expect((await Promise.all(running)).map(({ status }) => status)).toEqual([202, 202]);
    expect(await post(usageEvent())).toMatchObject({ status: 202 });
  });

  it('counts a body of unknown length as the longest', async () => {
    await start({ bodyBytesInFlight: 100_000 });
    const chunked = fetch(`${gateway.url}/v1/events`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${key.key}`,
        'content-type': 'application/cloudevents+json',
      },
      body: new Blob([JSON.stringify(usageEvent())]).stream(),
      duplex: 'half',
    } as RequestInit);
    expect((await chunked).status).toBe(429);
    expect(await post(usageEvent())).toMatchObject({ status: 202 });
  });

  it('is 429 where too many requests are under way', async () => {
    await start({ requestsInFlight: 1 });
    const appends = holdAppends();
    const running = post(usageEvent());
    await until(() => appends.waiting() === 1, { what: 'the append' });
    gateway.log.answer = all(placed);
    expect(await post(usageEvent())).toMatchObject({ status: 429 });
    expect((await fetch(`${gateway.url}/healthz`)).status).toBe(200);
    appends.letGo();
    await running;
  });

  it('gives back what a client that hung up had reserved', async () => {
    await start({ requestsInFlight: 1 });
    const appends = holdAppends();
    const hangUp = new AbortController();
    const gone = fetch(`${gateway.url}/v1/events`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${key.key}`,
        'content-type': 'application/cloudevents+json',
      },
      body: JSON.stringify(usageEvent()),
      signal: hangUp.signal,
    }).catch(() => undefined);
    await until(() => appends.waiting() === 1, { what: 'the append' });
    hangUp.abort();
    await gone;
    gateway.log.answer = all(placed);
    await until(async () => (await post(usageEvent())).status === 202, { what: 'room again' });
    appends.letGo();
  });
});

describe('while the log does not answer', () => {
  it('a few requests try, the others get 503 at once: no queue grows', async () => {
    await start({ triesWhileAway: 2 });
    gateway.log.load = { ...gateway.log.load, healthy: false };
    const appends = holdAppends();
    const trying = [post(usageEvent()), post(usageEvent())];
    await until(() => appends.waiting() === 2, { what: 'both tries' });
    // A further one that tried would be answered at once.
    gateway.log.answer = all(placed);
    for (let n = 0; n < 20; n++) expect(await post(usageEvent())).toMatchObject({ status: 503 });
    expect(entriesOf(gateway)).toEqual([]);
    appends.letGo();
    expect((await Promise.all(trying)).map(({ status }) => status)).toEqual([202, 202]);
    gateway.log.answer = all(unknown);
    expect(await post(usageEvent())).toMatchObject({ status: 503 });
    gateway.log.load = { ...gateway.log.load, healthy: true };
    gateway.log.answer = all(placed);
    expect(await post(usageEvent())).toMatchObject({ status: 202 });
  });

  it('it is not ready, but alive, and other routes answer', async () => {
    await start();
    gateway.log.reachable = false;
    expect((await fetch(`${gateway.url}/readyz`)).status).toBe(503);
    expect((await fetch(`${gateway.url}/healthz`)).status).toBe(200);
    expect((await fetch(`${gateway.url}/openapi.json`)).status).toBe(200);
  });
});
