import fc from 'fast-check';
import { Parcel } from './append-lane';
import { BatchingAppender } from './appender';
import { SendFailure, SentRequest } from './batcher';

const TOPIC = 'usage';
const PARTITIONS = 3;

type Fate = 'ack' | 'reply-lost' | 'request-lost' | 'silent' | 'rejected';

/**
 * A broker in memory that does to each request what the script says, and acks once the script has
 * ended.
 */
class ScriptedLog {
  readonly partitions: string[][] = Array.from({ length: PARTITIONS }, () => []);

  constructor(private readonly script: Fate[]) {}

  send(parcels: Parcel[]): SentRequest {
    for (const { entries } of parcels) for (const entry of entries) entry.sent = true;
    const fate = this.script.shift() ?? 'ack';
    let drop!: () => void;
    const dropped = new Promise<never>((_, reject) => {
      drop = () => reject(new SendFailure('lost', 'dropped'));
    });
    return { result: Promise.race([this.meet(fate, parcels), dropped]), drop };
  }

  close(): void {}

  private async meet(fate: Fate, parcels: Parcel[]): Promise<bigint[]> {
    await new Promise((resolve) => setImmediate(resolve));
    if (fate === 'request-lost') throw new SendFailure('lost', 'reset before it came in');
    if (fate === 'rejected') throw new SendFailure('rejected', 'NOT_LEADER_FOR_PARTITION');
    const bases = parcels.map(({ partition, entries }) => {
      const log = this.partitions[partition] as string[];
      const base = BigInt(log.length);
      log.push(...entries.map((entry) => String(entry.message.value)));
      return base;
    });
    if (fate === 'reply-lost') throw new SendFailure('lost', 'reset before the answer');
    if (fate === 'silent') return new Promise(() => {});
    return bases;
  }
}

describe('an appender over a faulty log', () => {
  const fates = fc.array(
    fc.constantFrom<Fate>('ack', 'ack', 'reply-lost', 'request-lost', 'rejected', 'silent'),
    { maxLength: 12 },
  );
  const appends = fc.array(fc.array(fc.integer({ min: 0, max: 20 }), { maxLength: 6 }), {
    minLength: 1,
    maxLength: 15,
  });

  it('holds every acked entry at its place, in order, and forgets nothing it took', async () => {
    await fc.assert(
      fc.asyncProperty(fates, appends, async (script, sizes) => {
        const log = new ScriptedLog([...script]);
        const appender = new BatchingAppender({
          sender: log,
          countPartitions: async () => PARTITIONS,
          partitions: { [TOPIC]: PARTITIONS },
          limits: {
            lingerMs: 0,
            maxBatchEntries: 4,
            appendDeadlineMs: 100,
            maxRequestsInFlight: 2,
          },
        });
        let id = 0;
        const taken = await Promise.all(
          sizes.map(async (keys) => {
            const entries = keys.map((key) => ({ key: `k${key}`, value: `${(id += 1)}` }));
            return { entries, outcomes: await appender.append(TOPIC, entries) };
          }),
        );
        const acked: string[][] = Array.from({ length: PARTITIONS }, () => []);
        for (const { entries, outcomes } of taken) {
          expect(outcomes).toHaveLength(entries.length);
          outcomes.forEach((outcome, i) => {
            const value = entries[i]?.value as string;
            const inLog = log.partitions.some((partition) => partition.includes(value));
            if (outcome.kind === 'refused') expect(inLog).toBe(false);
            if (outcome.kind !== 'acked') return;
            const { partition, offset } = outcome.place;
            expect(log.partitions[partition]?.[Number(offset)]).toBe(value);
            acked[partition]?.push(value);
          });
        }
        log.partitions.forEach((partition, at) => {
          const first = new Map<string, number>();
          partition.forEach((value, offset) => first.set(value, first.get(value) ?? offset));
          const order = acked[at]?.map((value) => first.get(value) as number) ?? [];
          expect(order).toEqual([...order].sort((a, b) => a - b));
        });
        expect(appender.load()).toMatchObject({ queuedBytes: 0, queuedEntries: 0 });
        await appender.close();
      }),
      { numRuns: 100 },
    );
  }, 60_000);
});
