import fc from 'fast-check';
import { type Deciding, startDeciding } from '../decide/decide.builder';
import { HoldsSeen } from './holds.builder';

let deciding: Deciding;
let seen: HoldsSeen;
beforeAll(async () => {
  deciding = await startDeciding();
  seen = new HoldsSeen(deciding);
});
afterAll(() => deciding.gateway.close());

const quantity = fc.oneof(
  fc.nat({ max: 100 }),
  fc.double(),
  fc.constantFrom(-1, 1e9, 1e9 + 1, 1e400, 2 ** 53),
);
const text = fc.oneof(fc.string({ unit: 'binary', maxLength: 20 }), fc.constantFrom('', '\0'));
const almostData = fc.record(
  {
    model: fc.oneof(
      { weight: 6, arbitrary: fc.constant('gpt-4o') },
      { weight: 1, arbitrary: text },
    ),
    inputTokens: quantity,
    outputTokens: quantity,
    toolCalls: quantity,
    user: text,
    tags: fc.dictionary(text, fc.oneof(text, fc.jsonValue()), { maxKeys: 3 }),
    another: fc.jsonValue(),
  },
  { requiredKeys: [] },
);
const body = fc.oneof(almostData, fc.jsonValue(), fc.string({ unit: 'binary', maxLength: 40 }));
const spoilt = (holdId: string) =>
  fc.oneof(
    fc.constant(holdId),
    fc.nat({ max: holdId.length }).map((cut) => holdId.slice(0, cut) || 'x'),
    fc.tuple(fc.nat({ max: holdId.length - 1 }), fc.base64String()).map(([at, put]) => {
      return encodeURIComponent(holdId.slice(0, at) + put + holdId.slice(at + 1));
    }),
    fc.string({ unit: 'grapheme', minLength: 1, maxLength: 300 }).map(encodeURIComponent),
  );

it('answers any nonsense with a problem that says what is wrong, and never fails', async () => {
  const { holdId, token } = await seen.admitted();
  const held = seen.free(token);
  const statuses = new Map<number, number>();
  await fc.assert(
    fc.asyncProperty(spoilt(holdId), body, async (id, given) => {
      const answer = await seen.settle(id, given);
      statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
      expect([202, 400, 404, 413, 414, 422]).toContain(answer.status);
      if (answer.status !== 202) expect(answer.body['detail']).toEqual(expect.any(String));
      if (id !== holdId) expect([404, 414]).toContain((await seen.release(id)).status);
    }),
    { numRuns: 120 },
  );
  expect([...statuses.keys()]).toEqual(expect.arrayContaining([400, 404, 422]));
  expect(await seen.settle(holdId, { model: 'gpt-4o' })).toMatchObject({ status: 202 });
  // Whatever was taken was one hold's: no more than what it held has come back.
  expect(seen.free(token)).toBeLessThanOrEqual(held + 100);
  expect(new Set(seen.settlements(token).map(({ id }) => id)).size).toBe(1);
});
