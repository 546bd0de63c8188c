import { Fenced, type Log, type LogBatch, LogFault } from '@tallyward/platform';
import type { Advanced } from './storage/totals/progress';

/** What the store says of a batch that is not its next. */
export type OutOfTurn = Exclude<Advanced, { readonly kind: 'advanced' }>;

type Place = Pick<LogBatch, 'topic' | 'partition' | 'from'>;

/**
 * Takes a batch in its turn. Offsets may be missing (markers of foreign transactions take some):
 * where the store waits for entries before the batch, `expectNothing` asks the log whether there
 * are any, and only then the batch is taken from where the store is.
 */
export async function takeInTurn<T extends { readonly kind: string }>(
  batch: Pick<Place, 'from'>,
  attempt: (from: bigint) => Promise<T | OutOfTurn>,
  expectNothing: (from: bigint) => Promise<void>,
): Promise<T | OutOfTurn> {
  const answer = await attempt(batch.from);
  if (!isBehind(answer)) return answer;
  const { next } = answer.stored;
  await expectNothing(next);
  return attempt(next);
}

function isBehind(answer: { readonly kind: string }): answer is OutOfTurn {
  return answer.kind === 'behind';
}

/** Throws where the log has an entry between `from` and the batch: its reader jumped over it. */
export async function expectGap(
  log: Pick<Log, 'readRange'>,
  { topic, partition, from: to }: Place,
  from: bigint,
): Promise<void> {
  const onEntries = (): never => {
    throw new Error(`${topic}/${partition}: entries from ${from} on were not handed over`);
  };
  await log.readRange({ topic, partition, from, to, onEntries });
}

/**
 * What the log port makes of it: a LogFault ends the process, Fenced ends this member's work on the
 * partition, and after any other error the store is asked anew where to go on. The last is for the
 * new owner whom a late commit of the old one has overtaken.
 */
export function refusal(batch: LogBatch, { kind, stored }: OutOfTurn): Error {
  const place = `${batch.topic}/${batch.partition}`;
  if (kind === 'other-topic') {
    const message = `${place} is ${batch.identity}; what is stored was read from ${stored.identity}`;
    return new LogFault('topic-made-anew', message);
  }
  const message = `${place}: a batch up to ${batch.next} comes too late, the store is at ${stored.next}`;
  return batch.isRevoked() ? new Fenced(message) : new Error(message);
}
