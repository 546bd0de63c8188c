import { readLogEntry, type LogEntry } from './log-entry';
import type { RawEntry } from './raw-entry';

const NOW = Date.parse('2026-11-22T10:00:00Z');
const DAY_MS = 86_400_000;

const entry: LogEntry = {
  project: 'demo',
  customer: 'acme',
  source: 'app',
  id: 'a',
  time: NOW,
  receivedAt: NOW,
  catalogueVersion: 1,
  content: 'a'.repeat(64),
  model: 'gpt-4o',
  modelGroup: 'premium',
  workspace: '',
  user: '',
  role: '',
  inputTokens: 1,
  outputTokens: 2,
  cacheReadTokens: 0,
  cacheWriteTokens: 0,
  reasoningTokens: 0,
  images: 0,
  toolCalls: 0,
  tags: {},
};

function read(change: Partial<LogEntry>, raw: Partial<RawEntry> = {}) {
  const value = new TextEncoder().encode(JSON.stringify({ ...entry, ...change }));
  const given = { partition: 3, offset: 7n, appendedAt: NOW, key: 'demo:acme', value, ...raw };
  const answer = readLogEntry(given, () => 3);
  return answer.kind === 'park' ? answer.reason : answer.kind;
}

describe('what both folds read of the log', () => {
  it.each<[string, string, Partial<LogEntry>, Partial<RawEntry>]>([
    ['a good entry', 'event', {}, {}],
    ['a tombstone', 'tombstone', {}, { value: null }],
    ['a value that is not UTF-8', 'not-json', {}, { value: Uint8Array.of(0xff) }],
    ['a value that is not JSON', 'not-json', {}, { value: new TextEncoder().encode('{') }],
    ['another shape', 'not-a-usage-event', { inputTokens: -1 }, {}],
    ['a fraction', 'not-a-usage-event', { inputTokens: 1.5 }, {}],
    ['a huge number', 'not-a-usage-event', { inputTokens: 1e15 }, {}],
    ["another customer's key", 'wrong-key', {}, { key: 'demo:other' }],
    ['no key', 'wrong-key', {}, { key: null }],
    ['another partition', 'wrong-partition', {}, { partition: 4 }],
    ['36 days late', 'event', { time: NOW - 36 * DAY_MS }, {}],
    ['later than that', 'too-late', { time: NOW - 36 * DAY_MS - 1 }, {}],
    ['a day ahead of the log', 'event', { time: NOW + DAY_MS }, {}],
    ['further ahead', 'too-early', { time: NOW + DAY_MS + 1 }, {}],
  ])('%s: %s', (_, verdict, change, raw) => {
    expect(read(change, raw)).toBe(verdict);
  });
});
