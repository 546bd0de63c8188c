import { encodeVoidEntry } from '@tallyward/contracts';
import { partitionKey } from '@tallyward/domain';
import type { LogEntry } from '@tallyward/platform';
import type { Proven } from '../close-periods/prove-periods';
import { countBatch, formBatch, type KeyedVoid } from '../load-warehouse/form-batch';
import { homeOf } from '../load-warehouse/loaded-log';
import { loggedFacts } from '../load-warehouse/logged-facts.builder';
import { readProvenEvent, type ProvenEvent } from '../log-proofs/proven-event';
import { proofOf } from '../reconcile/log-fold';
import { proofSumOf } from './proof-sum.builder';
import { FoldsBehind, type Look } from './look';
import { MOST_TAKEN_BACK, takeBack } from './take-back';

const HOUR_MS = 3_600_000;
const HOUR = Math.floor(Date.now() / HOUR_MS) * HOUR_MS - 2 * HOUR_MS;
const PARTITION = homeOf(partitionKey('demo', 'acme'));
/** Six calls of one customer; the fourth is the third once more, the last is of the next hour. */
const source = loggedFacts(
  PARTITION,
  ['a', 'b', 'c', 'c', 'd', 'e'].map((id, n) => ({
    id,
    time: id === 'e' ? HOUR + HOUR_MS : HOUR + (id === 'c' ? 2 : n),
  })),
);
const formed = formBatch(source, readProvenEvent);
const all = formed.events as readonly ProvenEvent[];

/** The log, and what the proofs fold counted: each identity at its first offset. */
function look(upTo: bigint, counted: readonly number[], voids: readonly KeyedVoid[] = []): Look {
  const keys = all.filter(({ offset }) => counted.includes(Number(offset)));
  const keysOf = async () => {
    const { changed } = countBatch({ ...formed, events: [...keys, ...voids] }, new Map());
    return new Map([...changed].map(([id, key]) => [id, { ...key, partition: PARTITION }]));
  };
  const readAt = async ({ offsets }: { readonly offsets: readonly bigint[] }) =>
    source.entries.filter(({ offset }) => offsets.includes(offset));
  const readRange = async (range: {
    from: bigint;
    to: bigint;
    onEntries(entries: LogEntry[]): void;
  }) => {
    const entries = [...source.entries, ...voids.map(entryOfVoid)];
    range.onEntries(entries.filter(({ offset }) => offset >= range.from && offset < range.to));
    return range.to;
  };
  const parts = { log: { readRange, readAt }, keys: { keysOf } };
  return { parts, upTo: new Map([[PARTITION, upTo]]) } as unknown as Look;
}

const FIRST = all[0] as ProvenEvent;
/** After them all, the first is voided. */
const aVoid: KeyedVoid = {
  ...{ partition: PARTITION, offset: 6n, appendedAt: Date.now(), identity: FIRST.identity },
  event: null,
  voids: {
    ...{ project: 'demo', customer: 'acme', source: FIRST.event.source, id: FIRST.event.id },
    ...{ reason: 'test', actor: 'spec', receivedAt: 1 },
  },
};
const entryOfVoid = ({ offset, appendedAt, voids }: KeyedVoid): LogEntry => {
  const value = Buffer.from(encodeVoidEntry(voids));
  return { offset, appendedAt, key: 'demo:acme', value, headers: {} };
};

function proven(offsets: readonly number[], customer = 'acme'): Proven {
  const events = all.filter(({ offset }) => offsets.includes(Number(offset)));
  const period = {
    ...{ project: 'demo', customer, partition: PARTITION, timeZone: 'UTC' },
    period: { from: HOUR, to: HOUR + HOUR_MS },
  };
  const log = { ...proofSumOf(events, proofOf), last: BigInt(Math.max(...offsets)) };
  return { period, log } as unknown as Proven;
}

const sumsOf = ({ log: { amounts, proof } }: Proven) => ({ amounts, proof });

describe('what the proofs have beyond the offsets of the other sides', () => {
  it('is taken back, each event that counts once, of the period alone', async () => {
    const [found] = await takeBack(look(2n, [0, 1, 2, 4, 5]), [proven([0, 1, 2, 4])]);
    expect(found && sumsOf(found)).toEqual(sumsOf(proven([0, 1])));
  });

  it('is put back, where a void beyond them took it', async () => {
    const { log, ...of } = proven([1, 2, 4]);
    const ahead = { ...of, log: { ...log, last: 6n } };
    const [found] = await takeBack(look(2n, [0, 1, 2, 4, 5], [aVoid]), [ahead]);
    expect(found && sumsOf(found)).toEqual(sumsOf(proven([0, 1])));
  });

  it('stays with other customers, and where nothing is beyond', async () => {
    const other = proven([0, 1, 2, 4], 'globex');
    const before = proven([0, 1]);
    expect(await takeBack(look(2n, [0, 1, 2, 4, 5]), [other, before])).toEqual([other, before]);
  });

  it('is not read where it is more than a page of the log', async () => {
    const far = proven([4]);
    const ahead = { ...far, log: { ...far.log, last: BigInt(MOST_TAKEN_BACK) + 2n } };
    await expect(takeBack(look(2n, []), [ahead])).rejects.toThrow(FoldsBehind);
  });
});
