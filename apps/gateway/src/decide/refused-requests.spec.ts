import { LIMIT_SCOPES, MOST_LIMITS_MET, UNITS } from '@tallyward/domain';
import { madeKey, projectOf } from '../gateway.builder';
import { GatewayProcess } from '../leases/gateway-process';
import { Leases } from '../leases/leases';
import { aTierLimit, type Deciding, startDeciding } from './decide.builder';

let deciding: Deciding;
beforeAll(async () => {
  deciding = await startDeciding();
});
afterAll(() => deciding.gateway.close());
afterEach(() => jest.restoreAllMocks());

const problemOf = async (answer: Promise<Response>) => {
  const { status, headers, ...rest } = await answer.then(async (response) => ({
    status: response.status,
    headers: response.headers,
    body: (await response.json()) as { code: string; errors?: object[]; detail?: string },
  }));
  expect(headers.get('content-type')).toContain('application/problem+json');
  return { status, ...rest.body };
};
const call = { customer: 'acme', model: 'gpt-4o' };

describe('a request that can not be decided', () => {
  it.each([
    ['is no JSON', '{', 400, 'bad-request'],
    ['names a member twice', '{"customer":"a","customer":"b","model":"m"}', 400, 'bad-request'],
    ['is too deep', JSON.stringify({ a: [[[[[[]]]]]] }), 400, 'bad-request'],
    ['names no customer', { model: 'gpt-4o' }, 422, 'invalid'],
    ['has an unknown field', { ...call, tenant: 'x' }, 422, 'invalid'],
    ['estimates less than nothing', { ...call, estimate: { inputTokens: -1 } }, 422, 'invalid'],
    ['estimates half a token', { ...call, estimate: { inputTokens: 0.5 } }, 422, 'invalid'],
    ['estimates in no unit', { ...call, estimate: { tokens: 1 } }, 422, 'invalid'],
    ['holds for an hour', { ...call, ttlSeconds: 3_600 }, 422, 'invalid'],
    ['has an empty user', { ...call, user: '' }, 422, 'invalid'],
  ])('%s is told what is wrong', async (_, body, status, code) => {
    expect(await problemOf(deciding.post(body))).toMatchObject({ status, code });
  });

  it('points at the field', async () => {
    const body = { ...call, estimate: { inputTokens: -1 }, tenant: 'x' };
    const { errors } = await problemOf(deciding.post(body));
    expect(errors).toMatchObject([{ pointer: '/estimate/inputTokens' }, { pointer: '/tenant' }]);
  });

  it('of another content type is not taken', async () => {
    const answer = deciding.post(call, { 'content-type': 'text/plain' });
    expect(await problemOf(answer)).toMatchObject({ status: 415, code: 'unsupported-media-type' });
  });

  it('needs a key that may decide', async () => {
    const key = madeKey(['ingest', 'read']);
    deciding.gateway.log.snapshot('p:other', projectOf('other', [key]));
    const answer = deciding.post(call, { authorization: `Bearer ${key.key}` });
    expect(await problemOf(answer)).toMatchObject({ status: 403, code: 'forbidden' });
  });

  it('is none where a call meets as many limits as a tier may have meet it', async () => {
    const limits = LIMIT_SCOPES.flatMap((scope) =>
      UNITS.flatMap((unit) =>
        (['day', 'month'] as const).map((window) => aTierLimit({ scope, unit, window })),
      ),
    ).slice(0, MOST_LIMITS_MET);
    const customer = deciding.customer(...limits);
    const estimate = { inputTokens: 2, maxOutputTokens: 3, images: 4, toolCalls: 5 };
    const [user, workspace] = ['u'.repeat(36), 'w'.repeat(36)];
    const answer = await deciding.decide(customer, { user, workspace, role: 'analyst', estimate });
    expect(answer.limits).toHaveLength(MOST_LIMITS_MET);
    expect(answer).toMatchObject({ outcome: 'allow', holdId: expect.any(String) });
  });

  it('with names that no hold id has room for holds nothing', async () => {
    const customer = deciding.customer(aTierLimit({ amount: 1_000 }));
    const long = 'x'.repeat(128);
    const labels = { workspace: long, user: long, role: long };
    const body = { ...call, customer, ...labels };
    const problem = await problemOf(deciding.post(body));
    expect(problem).toMatchObject({ status: 422, code: 'hold-too-long' });
    const { length } = `${customer}Tier of ${customer}premium`;
    expect(problem.detail).toContain(`come to ${length + 384} bytes. With`);
    expect(problem.detail).toContain('holds of 1 leases that is');
    expect(problem.detail).toContain('shorter');
    expect(await deciding.decide(customer)).toMatchObject({ limits: [{ held: 1 }] });
  });
});

describe('a process that stood still', () => {
  it('between taking a hold and answering does not hand it out', async () => {
    const customer = deciding.customer(aTierLimit({ amount: 1_000 }));
    await deciding.decide(customer);
    const { app } = deciding.gateway.service;
    const [{ book }, process] = [app.get(Leases), app.get(GatewayProcess)];
    let stoodStillMs = 0;
    const clocks = process.clocks;
    const later = jest.spyOn(process, 'clocks').mockImplementation(() => {
      const { monotonicMs, wallMs } = clocks();
      return { monotonicMs: monotonicMs + stoodStillMs, wallMs: wallMs + stoodStillMs };
    });
    const hold = book.hold.bind(book);
    jest.spyOn(book, 'hold').mockImplementationOnce((...given) => {
      const answer = hold(...given);
      stoodStillMs = 60_000;
      return answer;
    });
    const answer = await deciding.decide(customer, { ttlSeconds: 30 });
    later.mockRestore();
    expect(answer).toMatchObject({ outcome: 'throttle', reason: 'degraded', holdId: null });
  });
});
