import { readLogEntry } from '@tallyward/contracts';
import { partitionOf } from '@tallyward/platform';
import canonicalize from 'canonicalize';
import fc from 'fast-check';
import { createHash } from 'node:crypto';
import { usageEvent } from '../gateway.builder';
import { checkEvent } from './check-event';
import { contentOf } from './event-content';
import { readJson } from './json-text';
import { dataBySchema, plainData } from './read-data';
import { modeOf, sentEvents } from './sent-events';
import type { Stamp } from './usage-entry';

const NOW = Date.now();
const stamp: Stamp = {
  project: 'demo',
  catalogueVersion: 1,
  latenessMs: 35 * 86_400_000,
  models: new Map([['gpt-4o', 'premium']]),
  receivedAt: NOW,
};

/** Mostly what it should be. */
const mostly = <T>(arbitrary: fc.Arbitrary<T>) =>
  fc.oneof({ weight: 12, arbitrary }, { weight: 1, arbitrary: fc.jsonValue() });
const text = fc.string({ unit: 'binary', minLength: 1, maxLength: 40 });

/** A usage event with any JSON in place of some of its members. */
const almostAnEvent = fc
  .record({
    specversion: mostly(fc.constant('1.0')),
    id: mostly(text),
    source: mostly(text),
    type: mostly(fc.constant('llm.usage.v1')),
    subject: mostly(text),
    time: mostly(
      fc
        .integer({ min: NOW - 4_000_000_000, max: NOW + 400_000 })
        .map((ms) => new Date(ms).toISOString()),
    ),
    data: mostly(
      fc.record(
        {
          model: mostly(text),
          inputTokens: mostly(fc.nat(2_000_000_000)),
          tags: mostly(fc.dictionary(text, fc.string())),
          user: mostly(text),
        },
        { requiredKeys: ['model'] },
      ),
    ),
    extension: fc.jsonValue(),
  })
  .map((event) => JSON.parse(JSON.stringify(event)) as unknown);

describe('any input', () => {
  it('is an entry that both folds read, or is rejected with a code: never an exception', () => {
    let accepted = 0;
    fc.assert(
      fc.property(fc.oneof(almostAnEvent, fc.jsonValue()), (event) => {
        const checked = checkEvent(event, stamp);
        if (checked.kind === 'rejected') return checked.detail !== '';
        accepted += 1;
        const { key, value } = checked.entry;
        const partition = partitionOf(key, 12);
        const bytes = Buffer.from(String(value));
        const raw = { partition, offset: 0n, appendedAt: NOW, key, value: bytes };
        return readLogEntry(raw, (text) => partitionOf(text, 12)).kind === 'event';
      }),
      { numRuns: 2_000 },
    );
    expect(accepted).toBeGreaterThan(20);
  });

  it('is read from any bytes and any headers, or told what is wrong', () => {
    const types = ['application/cloudevents+json', 'application/cloudevents-batch+json'];
    const headers = fc.record({
      'content-type': fc.constantFrom(...types, 'application/json'),
      'ce-id': fc.string({ unit: 'binary' }),
    });
    const bytes = fc.oneof(
      fc.uint8Array(),
      fc.json().map((text) => Buffer.from(text)),
    );
    fc.assert(
      fc.property(headers, bytes, (given, body) => {
        const mode = modeOf(given);
        if (!mode) return false;
        const sent = sentEvents(mode, given, Buffer.from(body));
        return sent.kind === 'events' || (sent.problem.status >= 400 && sent.problem.status < 500);
      }),
    );
  });

  it('is parsed as JSON.parse does, unless it is too deep or names a member twice', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 4 }), (text) => {
        expect(readJson(Buffer.from(text), 10)).toEqual({ kind: 'json', value: JSON.parse(text) });
      }),
    );
  });
});

describe('data that is plain', () => {
  it('is read as the schema reads it, and nothing else is plain', () => {
    let plain = 0;
    fc.assert(
      fc.property(fc.oneof(almostAnEvent, fc.jsonValue()), (event) => {
        const given = (event as { data?: unknown } | null)?.data;
        const read = plainData(given);
        if (read === undefined) return;
        plain += 1;
        expect({ kind: 'data', data: read }).toEqual(dataBySchema(given));
      }),
      { numRuns: 2_000 },
    );
    expect(plain).toBeGreaterThan(20);
  });
});

describe('the content of an event', () => {
  it('is the hash of its canonical JSON', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.string(), fc.oneof(fc.string(), fc.nat()), { maxKeys: 20 }),
        fc.dictionary(fc.string(), fc.oneof(fc.string({ unit: 'binary' }), fc.boolean())),
        (tags, extensions) => {
          const event = usageEvent({ data: { tags, outputTokens: 3, model: 'x' } });
          const text = Object.fromEntries(
            Object.entries(extensions).map(([name, value]) => [name, String(value)]),
          );
          const sent = { ...text, ...event };
          delete (sent as Record<string, unknown>)['datacontenttype'];
          const hash = createHash('sha256')
            .update(String(canonicalize(sent)))
            .digest('hex');
          expect(contentOf({ ...extensions, ...event })).toBe(hash);
        },
      ),
    );
  });

  it('is that of its canonical JSON without extensions too, whatever its tags are named', () => {
    const names = fc.oneof(fc.string({ unit: 'binary' }), fc.nat().map(String));
    fc.assert(
      fc.property(fc.dictionary(names, fc.string({ unit: 'binary' })), (tags) => {
        const event = usageEvent({ data: { tags, outputTokens: 3, model: 'x' } });
        const expected = createHash('sha256')
          .update(String(canonicalize(event)))
          .digest('hex');
        expect(contentOf({ ...event, datacontenttype: 'application/json' })).toBe(expected);
      }),
    );
  });

  it('has none where a number is beyond a double', () => {
    expect(contentOf({ ...usageEvent(), nested: [JSON.parse('1e999')] })).toBeNull();
  });
});
