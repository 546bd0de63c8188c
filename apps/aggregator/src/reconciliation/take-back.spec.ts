import { partitionKey } from '@tallyward/domain';
import type { LogEntry } from '@tallyward/platform';
import type { Proven } from '../close-periods/prove-periods';
import { formBatch } from '../load-warehouse/form-batch';
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
const all = formBatch(source, readProvenEvent).events as readonly ProvenEvent[];

/** The log, and what the proofs fold counted: each identity at its first offset. */
function look(upTo: bigint, counted: readonly number[]): Look {
  const countedAt = async (places: readonly ProvenEvent[]) =>
    places.filter(({ offset }) => counted.includes(Number(offset)));
  const readRange = async (range: {
    from: bigint;
    to: bigint;
    onEntries(entries: LogEntry[]): void;
  }) => {
    range.onEntries(
      source.entries.filter(({ offset }) => offset >= range.from && offset < range.to),
    );
    return range.to;
  };
  const parts = { log: { readRange }, keys: { countedAt } };
  return { parts, upTo: new Map([[PARTITION, upTo]]) } as unknown as Look;
}

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
