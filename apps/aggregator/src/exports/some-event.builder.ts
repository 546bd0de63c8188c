import type { LoggedEvent } from '@tallyward/domain';
import type { ExportedRow } from '@tallyward/testing';
import fc from 'fast-check';

export const START = Date.parse('2026-10-24T20:00:00Z');
export const SPAN_MS = 2 * 86_400_000;

const odd = fc.constantFrom<string>(
  '',
  'plain',
  'a,"b"',
  'two\r\nlines',
  "=1+1'$$",
  'ü\t足りる',
  '\\N',
);
const amount = fc.nat({ max: 1_000_000_000 });
/** An event with what breaks a careless CSV. */
export const someEvent = fc.record({
  customer: fc.constantFrom('c1', 'c,2\r\n', 'ü 3'),
  time: fc.integer({ min: START, max: START + SPAN_MS }),
  model: fc.constantFrom('m1', 'm"2"'),
  workspace: odd,
  user: odd,
  /** It was taken back later. */
  isVoided: fc.boolean(),
  tags: fc.dictionary(fc.constantFrom('a', 'b "c"'), odd, { maxKeys: 2 }),
  sent: fc.record({
    inputTokens: amount,
    outputTokens: amount,
    cacheReadTokens: amount,
    cacheWriteTokens: amount,
    reasoningTokens: amount,
    images: amount,
    toolCalls: amount,
  }),
});
export type Some = typeof someEvent extends fc.Arbitrary<infer T> ? T : never;

/** An event as the export shows it. */
export function shown({ partition, offset, event }: LoggedEvent): ExportedRow {
  const { customer, workspace, user, role, model, modelGroup, source, id, tags } = event;
  const [time, receivedAt] = [event.time, event.receivedAt].map((ms) => new Date(ms).toISOString());
  const labels = { customer, workspace, user, role, model, modelGroup, source, id };
  const place = { partition, offset: `${offset}` };
  return { ...labels, time, receivedAt, ...event.amounts, tags, ...place };
}

const NUMBERS = ['calls', 'images', 'partition', 'toolCalls'];
/** As it is in JSON. */
export function fromCsv(row: ExportedRow): ExportedRow {
  const typed = Object.entries(row).map(([name, value]) => {
    if (name === 'tags') return [name, JSON.parse(String(value)) as unknown];
    return [name, NUMBERS.includes(name) || name.endsWith('okens') ? Number(value) : value];
  });
  return Object.fromEntries(typed) as ExportedRow;
}

/** With its names in order, tags too: two rows alike have one text. */
export function exactly(row: ExportedRow): ExportedRow {
  const inOrder = (of: object) => Object.entries(of).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(
    inOrder(row).map(([name, value]) => [name, name === 'tags' ? inOrder(value as object) : value]),
  );
}
