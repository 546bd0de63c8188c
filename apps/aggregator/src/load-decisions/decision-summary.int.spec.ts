import type { DecisionSummary } from '@tallyward/contracts';
import { signCaller } from '@tallyward/platform';
import { testbed, type Testbed, until } from '@tallyward/testing';
import {
  appended,
  entryOf,
  foldBed,
  type FoldBed,
  landed,
  recorded,
} from '../load-warehouse/fold-bed.builder';
import { USAGE_LOG } from '../load-warehouse/usage-row';
import { appendDecisions, decided, decisionEntryOf, decisionsLanded } from './decided.builder';

jest.setTimeout(300_000);

const HOUR_MS = 3_600_000;
const BEGIN = Math.floor(Date.now() / HOUR_MS) * HOUR_MS - 5 * HOUR_MS;
const at = (hours: number) => new Date(BEGIN + hours * HOUR_MS).toISOString();

let bed: FoldBed<Testbed>;
let service: Awaited<ReturnType<Testbed['spawnService']>>;
beforeAll(async () => {
  bed = await foldBed(await testbed());
  service = await bed.bed.spawnService('aggregator');
  await appendDecisions(
    bed.appender,
    [
      decided({ decidedAt: at(0) }),
      decided({ decidedAt: at(0.5), outcome: 'restrict', reason: 'used-up' }),
      decided({ decidedAt: at(0.999), outcome: 'throttle', reason: 'held' }),
      decided({ decidedAt: at(1), customer: 'other' }),
      decided({ decidedAt: at(2), project: 'rival' }),
      decided({ decidedAt: at(3), outcome: 'throttle', reason: 'rate' }),
    ].map(decisionEntryOf),
  );
  const called = (hours: number, more = {}) =>
    entryOf(recorded({ time: BEGIN + hours * HOUR_MS, ...more }));
  // The second settles the reroute.
  await appended(bed.appender, [
    ...[called(0.1), called(0.2), called(1.5), called(3)],
    ...[called(2.2, { customer: 'other' }), called(2.3, { project: 'rival' })],
  ]);
  await decisionsLanded(bed);
  await landed(bed, USAGE_LOG);
});
afterAll(async () => {
  await service?.stop();
  await bed?.close();
});

async function asked(path: string, query: Record<string, string>, caller = {}) {
  const signed = { project: 'demo', scopes: ['read'], ...caller };
  const who = { ...signed, keyId: 'k', actor: 'spec', operator: false };
  const headers = { 'x-tallyward-caller': signCaller(who, bed.bed.internalSecret) };
  const address = `${service.url}/v1/${path}?${new URLSearchParams(query)}`;
  const answer = await fetch(address, { headers });
  const body = (await answer.json()) as DecisionSummary & { code?: string };
  return { status: answer.status, body };
}
const summed = (query: object, caller = {}) =>
  asked('decisions/summary', { from: at(0), to: at(3), ...query }, caller);

const counts = ({ body }: Awaited<ReturnType<typeof summed>>) =>
  body.data.map(({ allow, restrict, throttle, block }) => [allow, restrict, throttle, block]);

describe('the summary of decisions', () => {
  it('counts each outcome in its window, whose end is outside, zeros where nothing was', async () => {
    const answer = await summed({ window: 'hour' });
    expect(answer.body.data.map(({ from, to }) => [from, to])).toEqual([
      [at(0), at(1)],
      [at(1), at(2)],
      [at(2), at(3)],
    ]);
    expect(counts(answer)).toEqual([
      [1, 1, 1, 1],
      [1, 0, 0, 1],
      [1, 0, 0, 0],
    ]);
    // Told once both folds have been looked at, which a busy machine may take seconds for.
    const isKnown = async () => Date.parse((await summed({})).body.asOf) > BEGIN;
    await until(isKnown, { what: 'as of when it is' });
    const whole = await summed({ window: 'day', timeZone: 'Asia/Kathmandu', to: at(4) });
    const sum = counts(whole).reduce((all, row) => all.map((n, i) => n + (row[i] ?? 0)));
    expect(sum).toEqual([4, 1, 2, 2]);
  });

  it('is of one customer where one is named, and of the caller’s project alone', async () => {
    expect(counts(await summed({ customer: 'other' }))).toEqual([
      [0, 0, 0, 0],
      [0, 0, 0, 1],
      [1, 0, 0, 0],
    ]);
    expect(counts(await summed({}, { project: 'rival' }))).toEqual([
      [0, 0, 0, 0],
      [0, 0, 0, 0],
      [1, 0, 0, 1],
    ]);
    expect(counts(await summed({ customer: `' OR 1=1 --` })).flat()).toEqual(Array(12).fill(0));
  });

  it('refuses who may not read, nonsense, and more rows than it has', async () => {
    expect((await summed({}, { scopes: ['ingest'] })).status).toBe(403);
    for (const query of [
      ...[{ window: 'week' }, { from: 'yesterday' }, { timeZone: 'Rome' }, { to: at(-1) }],
      ...[{ colour: 'red' }, { customer: '' }],
    ]) {
      expect(await summed(query)).toMatchObject({ status: 422, body: { code: 'invalid' } });
    }
    const long = await summed({ window: 'minute', to: at(167) });
    expect(long).toMatchObject({ status: 422, body: { code: 'too-many-rows' } });
  });
});

describe('the decisions of a customer', () => {
  const of = async (customer: string, query = {}, caller = {}) =>
    asked(`customers/${customer}/decisions`, query, caller);

  it('are those of the path, narrowed as the list is', async () => {
    const all = (await of('acme')).body.data as unknown as { customer: string; outcome: string }[];
    expect(all.map(({ customer, outcome }) => [customer, outcome])).toEqual([
      ['acme', 'throttle'],
      ['acme', 'throttle'],
      ['acme', 'restrict'],
      ['acme', 'block'],
    ]);
    expect((await of('acme', { outcome: 'block', to: at(3) })).body.data).toHaveLength(1);
    expect((await of('acme', {}, { project: 'rival' })).body.data).toHaveLength(1);
    expect((await of('other', {}, { project: 'rival' })).body.data).toEqual([]);
    expect((await of('acme', { customer: 'other' })).status).toBe(422);
    expect((await of('acme', {}, { scopes: ['decide'] })).status).toBe(403);
  });
});

it('the aggregator says how far its folds of the usage log are, to nobody but the gateway', async () => {
  const who = { project: '-', scopes: [], keyId: 'k', actor: 'spec', operator: false };
  const headers = { 'x-tallyward-caller': signCaller(who, bed.bed.internalSecret) };
  const address = `${service.url}/internal/folds`;
  const read = async () => (await fetch(address, { headers })).json();
  const whole = { folded: 6, behind: 0, lagSeconds: 0 };
  const folds = [
    { name: 'warehouse', ...whole },
    { name: 'proofs', ...whole },
  ];
  // Answers are up to a second old, and the proofs are a fold of their own.
  const isWhole = async () => JSON.stringify(await read()) === JSON.stringify({ folds });
  await until(isWhole, { what: 'both folds' });
  expect((await fetch(address)).status).toBe(401);
});
