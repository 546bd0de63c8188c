import { encodeVoidEntry } from '@tallyward/contracts';
import { partitionKey } from '@tallyward/domain';
import type { LogEntry } from '@tallyward/platform';
import { countBatch, formBatch, MAX_BATCH_VOIDS } from './form-batch';
import { homeOf } from './loaded-log';
import { loggedFacts } from './logged-facts.builder';
import { USAGE_LOG } from './usage-row';

const KEY = partitionKey('demo', 'acme');
const PARTITION = homeOf(KEY);
const MANY = MAX_BATCH_VOIDS + 50;

function voidAt(id: string, offset: number): LogEntry {
  const of = { project: 'demo', customer: 'acme', source: 'spec', id };
  const value = Buffer.from(encodeVoidEntry({ ...of, reason: 'r', actor: 'a', receivedAt: 1 }));
  return { offset: BigInt(offset), key: KEY, value, headers: {}, appendedAt: Date.now() };
}
const ids = Array.from({ length: MANY }, (_, n) => `e${n}`);
const voids = ids.map((id, n) => voidAt(id, n));
const sourceOf = (entries: LogEntry[]) => {
  const [first] = entries;
  const from = first?.offset ?? 0n;
  return { partition: PARTITION, from, to: from + BigInt(entries.length), entries };
};

describe('a batch has no more voids, and pairs, than are read again', () => {
  it('where the voids come', () => {
    expect(formBatch(sourceOf(voids), USAGE_LOG.readRow).to).toBe(BigInt(MAX_BATCH_VOIDS));
  });

  it('where the events come whose voids came first', () => {
    const before = formBatch(sourceOf(voids), USAGE_LOG.readRow, {
      ...{ entries: Infinity, bytes: Infinity, voids: Infinity },
    });
    const { changed } = countBatch(before, new Map());
    const known = new Map([...changed].map(([id, key]) => [id, { ...key, partition: PARTITION }]));
    const { entries } = loggedFacts(
      PARTITION,
      ids.map((id) => ({ id })),
    );
    const events = entries.map((entry) => ({ ...entry, offset: entry.offset + BigInt(MANY) }));
    const { pairs, to } = countBatch(formBatch(sourceOf(events), USAGE_LOG.readRow), known);
    expect([pairs.length, to]).toEqual([MAX_BATCH_VOIDS, BigInt(MANY + MAX_BATCH_VOIDS)]);
  });
});
