import { MAX_EVENT_QUANTITY } from '@tallyward/domain';
import fc from 'fast-check';
import { logEntry, settledHold } from './log-entry';
import { isPlainLogEntry } from './plain-log-entry';

const text = fc.oneof(
  fc.string({ maxLength: 12 }),
  fc.string({ unit: 'binary', maxLength: 8 }),
  fc.constantFrom('', '\u0000', '\ud800', '\udc00\ud800', 'é', '顧客', '😀', '__proto__', '\n'),
  fc.integer({ min: 60, max: 260 }).map((length) => 'x'.repeat(length)),
  fc.integer({ min: 20, max: 66 }).map((length) => 'é'.repeat(length)),
);
const number = fc.oneof(
  fc.nat(),
  fc.double(),
  fc.constantFrom(-0, -1, 0.5, MAX_EVENT_QUANTITY, MAX_EVENT_QUANTITY + 1, 8.64e12, 8.64e12 + 1),
  fc.constantFrom(2 ** 53 - 1, 2 ** 53, 1e300),
);
const tags = fc.oneof(
  fc.dictionary(text, text, { maxKeys: 4 }),
  fc.dictionary(fc.string({ minLength: 1, maxLength: 3 }), fc.constant('v'), { maxKeys: 24 }),
  fc.constant(JSON.parse('{"__proto__":"x","a":"b"}') as object),
);
const odd = fc.oneof(text, number, tags, fc.jsonValue(), fc.constant(undefined));

const whole = fc.integer({ min: 0, max: MAX_EVENT_QUANTITY });
const named = fc.oneof(
  { weight: 3, arbitrary: fc.string({ minLength: 1, maxLength: 9 }) },
  { weight: 1, arbitrary: text },
);
const hold = fc.record({
  number: fc.nat(),
  gateway: fc.string({ minLength: 1, maxLength: 80 }),
  settledBy: fc.string({ minLength: 1, maxLength: 80 }),
  tier: fc.record({ name: named, version: fc.integer({ min: 1 }) }),
  expiresAt: fc.integer({ min: 0, max: 2_000_000_000_000 }),
  parts: fc.array(
    fc.record({ lease: fc.stringMatching(/^[1-9][0-9]{0,15}$/), amount: fc.integer({ min: 1 }) }),
    { maxLength: 4 },
  ),
});
/** Something in a hold is another thing, or one thing more. */
const spoiltHold = fc
  .tuple(hold, fc.constantFrom(...Object.keys(settledHold.shape), 'another'), fc.nat(), odd)
  .map(([given, at, place, value]) => {
    const [tier, part] = [
      { ...given.tier, version: value },
      { lease: value, amount: value },
    ];
    const parts = [...given.parts, part];
    const long = Array.from({ length: 201 }, () => ({ lease: '1', amount: 1 }));
    return [
      { ...given, [at]: value },
      { ...given, tier },
      { ...given, parts },
      { ...given, parts: long },
      { ...given, tier: { ...given.tier, another: value } },
    ][place % 5];
  });
const good = fc.record({
  project: fc.stringMatching(/^[a-z0-9][a-z0-9_-]{0,9}$/),
  customer: named,
  source: named,
  id: named,
  time: fc.integer({ min: 0, max: 2_000_000_000_000 }),
  receivedAt: fc.integer({ min: 0, max: 2_000_000_000_000 }),
  catalogueVersion: fc.nat(),
  content: fc.stringMatching(/^[0-9a-f]{64}$/),
  model: named,
  modelGroup: named,
  workspace: fc.oneof(fc.constant(''), named),
  user: fc.oneof(fc.constant(''), named),
  role: fc.oneof(fc.constant(''), named),
  inputTokens: whole,
  outputTokens: whole,
  cacheReadTokens: whole,
  cacheWriteTokens: whole,
  reasoningTokens: whole,
  images: whole,
  toolCalls: whole,
  tags,
  hold: fc.oneof(
    { weight: 2, arbitrary: fc.constant(undefined) },
    { weight: 2, arbitrary: hold },
    { weight: 1, arbitrary: spoiltHold },
  ),
});
const field = fc.constantFrom(...Object.keys(logEntry.shape), 'another');
const spoilt = fc
  .tuple(good, fc.array(fc.tuple(field, odd), { maxLength: 2 }))
  .map(([entry, changes]) => ({ ...entry, ...Object.fromEntries(changes) }));

describe('reading entries by hand', () => {
  it('takes nothing that the schema refuses, and reads the same from what it takes', () => {
    let [taken, settlements] = [0, 0];
    fc.assert(
      fc.property(fc.oneof(spoilt, good, odd), (value) => {
        const json: unknown = JSON.parse(JSON.stringify(value) ?? 'null');
        if (!isPlainLogEntry(json)) return;
        taken += 1;
        settlements += json.hold === undefined ? 0 : 1;
        const parsed = logEntry.safeParse(json);
        expect(parsed.error).toBeUndefined();
        expect(json).toMatchObject(parsed.data ?? {});
        expect({ ...json.tags }).toEqual(parsed.data?.tags);
        expect(json.hold).toEqual(parsed.data?.hold);
      }),
      { numRuns: 4_000 },
    );
    expect(taken).toBeGreaterThan(200);
    expect(settlements).toBeGreaterThan(40);
  });

  it('takes what a gateway writes: names in ASCII or not, tags in ASCII', () => {
    const entry = fc.sample(good, 1)[0];
    const names = {
      customer: 'acme',
      source: 'app',
      id: 'é',
      model: '顧客',
      modelGroup: 'premium',
    };
    const more = { workspace: '', user: 'u 1', role: '😀', tags: { feature: 'summarise', b: '' } };
    const plain = { ...entry, ...names, ...more, hold: undefined };
    expect(isPlainLogEntry(plain)).toBe(true);
  });

  it('takes what a gateway writes of a hold', () => {
    const parts = [
      { lease: '17', amount: 1 },
      { lease: '9007199254740991', amount: 2_000 },
    ];
    const settlement = {
      ...fc.sample(good, 1)[0],
      ...{ customer: 'acme', source: 'hold', id: 'gateway-1.x.4', model: 'm', modelGroup: 'g' },
      ...{ workspace: '', user: '', role: '', tags: {} },
      hold: {
        ...{ number: 4, gateway: 'gateway-1.x', settledBy: 'gateway-2.y' },
        ...{ tier: { name: 'Standard', version: 1 }, expiresAt: 1_800_000_000_000, parts },
      },
    };
    expect(isPlainLogEntry(settlement)).toBe(true);
  });
});
