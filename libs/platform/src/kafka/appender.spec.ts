import { AppendOutcome, Entry } from './append-types';
import { SendFailure } from './batcher';
import { appenderOver, Held, HeldSender, keysOf, PARTITIONS, TOPIC } from './held-sender.builder';
import { LogFault } from './log-fault';

const entry = (key: string, value = 'v'): Entry => ({ key, value });
const offsets = (outcomes: AppendOutcome[]) =>
  outcomes.map((o) => (o.kind === 'acked' ? o.place.offset : o.kind));
const valuesOf = (held: Held) => held.parcels[0]?.entries.map((e) => e.message.value);

describe('an appender', () => {
  it('puts the appends of one turn into one request, a parcel for each partition', async () => {
    const sender = new HeldSender();
    const appender = appenderOver(sender);
    const answers = [0, 1, 2].map((p) =>
      appender.append(
        TOPIC,
        keysOf(p, 2).map((k) => entry(k)),
      ),
    );
    const request = await sender.request(1);
    expect(request.parcels.map((p) => [p.partition, p.entries.length])).toEqual([
      [0, 2],
      [1, 2],
      [2, 2],
    ]);
    request.ack(10n, 20n, 30n);
    expect((await Promise.all(answers)).map(offsets)).toEqual([
      [10n, 11n],
      [20n, 21n],
      [30n, 31n],
    ]);
  });

  it('gives each entry of a mixed append its own place, in the order given', async () => {
    const sender = new HeldSender();
    const appender = appenderOver(sender);
    const [a, b] = [keysOf(0, 2), keysOf(3, 2)];
    const mixed = [b[0], a[0], b[1], a[1]].map((key) => entry(key as string));
    const answer = appender.append(TOPIC, mixed);
    const request = await sender.request(1);
    request.ack(...request.parcels.map(({ partition }) => BigInt(partition * 100)));
    expect(await answer).toEqual([
      { kind: 'acked', place: { topic: TOPIC, partition: 3, offset: 300n } },
      { kind: 'acked', place: { topic: TOPIC, partition: 0, offset: 0n } },
      { kind: 'acked', place: { topic: TOPIC, partition: 3, offset: 301n } },
      { kind: 'acked', place: { topic: TOPIC, partition: 0, offset: 1n } },
    ]);
  });

  it('has one request of a partition in flight, and lets the others go on', async () => {
    const sender = new HeldSender();
    const appender = appenderOver(sender);
    const [key, other] = [keysOf(0, 1)[0] as string, keysOf(1, 1)[0] as string];
    const first = appender.append(TOPIC, [entry(key, 'first')]);
    const request = await sender.request(1);
    const second = appender.append(TOPIC, [entry(key, 'second')]);
    const beside = appender.append(TOPIC, [entry(other)]);
    const next = await sender.request(2);
    expect(next.parcels.map(({ partition }) => partition)).toEqual([1]);
    next.ack(7n);
    expect(offsets(await beside)).toEqual([7n]);
    request.ack(1n);
    expect(offsets(await first)).toEqual([1n]);
    (await sender.request(3)).ack(2n);
    expect(offsets(await second)).toEqual([2n]);
  });

  it('repeats a lost parcel first and whole, so that the order stays', async () => {
    const sender = new HeldSender();
    const appender = appenderOver(sender);
    const key = keysOf(0, 1)[0] as string;
    const first = appender.append(TOPIC, [entry(key, 'a'), entry(key, 'b')]);
    const request = await sender.request(1);
    const second = appender.append(TOPIC, [entry(key, 'c')]);
    request.fail(new SendFailure('lost', 'reset'));
    const again = await sender.request(2);
    expect(valuesOf(again)).toEqual(['a', 'b', 'c']);
    again.ack(5n);
    expect(offsets(await first)).toEqual([5n, 6n]);
    expect(offsets(await second)).toEqual([7n]);
  });

  it('answers unknown at the deadline, drops that connection, and works on', async () => {
    const sender = new HeldSender();
    const appender = appenderOver(sender, { appendDeadlineMs: 300 });
    const answer = appender.append(TOPIC, [entry('k')]);
    const silent = await sender.request(1);
    expect((await answer)[0]).toMatchObject({ kind: 'unknown' });
    expect(silent.dropped).toBe(true);
    expect(appender.load()).toMatchObject({ queuedEntries: 0, queuedBytes: 0, healthy: false });
    const after = appender.append(TOPIC, [entry('k')]);
    (await sender.request(2)).ack(3n);
    expect(offsets(await after)).toEqual([3n]);
    expect(appender.load().healthy).toBe(true);
  });

  it('answers not-sent for what waited behind a silent request, and never sends it', async () => {
    const sender = new HeldSender(false);
    const appender = appenderOver(sender, { appendDeadlineMs: 100, maxRequestsInFlight: 1 });
    const [a, b] = [keysOf(0, 1)[0] as string, keysOf(1, 1)[0] as string];
    const silent = appender.append(TOPIC, [entry(a)]);
    const request = await sender.request(1);
    const behind = appender.append(TOPIC, [entry(b, 'behind')]);
    expect((await silent)[0]).toMatchObject({ kind: 'unknown' });
    expect(await behind).toEqual([{ kind: 'refused', reason: 'not-sent' }]);
    const later = appender.append(TOPIC, [entry(b, 'later')]);
    request.fail(new SendFailure('lost', 'dropped'));
    const next = await sender.request(2);
    expect(next.parcels).toHaveLength(1);
    expect(valuesOf(next)).toEqual(['later']);
    next.ack(1n);
    expect(offsets(await later)).toEqual([1n]);
  });

  it('refuses an append whole when the queue is full, and takes it when there is room', async () => {
    const sender = new HeldSender();
    const appender = appenderOver(sender, { maxQueuedEntries: 3 });
    const first = appender.append(TOPIC, [entry('a'), entry('a')]);
    const refused = await appender.append(TOPIC, [entry('b'), entry('b')]);
    expect(refused).toEqual([
      { kind: 'refused', reason: 'overloaded' },
      { kind: 'refused', reason: 'overloaded' },
    ]);
    expect(appender.load().queuedEntries).toBe(2);
    (await sender.request(1)).ack(0n);
    await first;
    const taken = appender.append(TOPIC, [entry('b'), entry('b')]);
    (await sender.request(2)).ack(9n);
    expect(offsets(await taken)).toEqual([9n, 10n]);
  });

  it('bounds the queue by bytes too', async () => {
    const sender = new HeldSender();
    const appender = appenderOver(sender, { maxQueuedBytes: 1_000 });
    const first = appender.append(TOPIC, [entry('a', 'x'.repeat(1_000))]);
    const [refused] = await appender.append(TOPIC, [entry('b')]);
    expect(refused).toEqual({ kind: 'refused', reason: 'overloaded' });
    (await sender.request(1)).ack(0n);
    await first;
  });

  it('refuses an entry that no batch may hold, and appends the rest', async () => {
    const sender = new HeldSender();
    const appender = appenderOver(sender, { maxEntryBytes: 500 });
    const answer = appender.append(TOPIC, [entry('a', 'x'.repeat(600)), entry('a')]);
    (await sender.request(1)).ack(4n);
    expect(offsets(await answer)).toEqual(['refused', 4n]);
  });

  it('cuts what waits into requests of bounded size', async () => {
    const sender = new HeldSender();
    const appender = appenderOver(sender, { maxBatchEntries: 3 });
    const answer = appender.append(
      TOPIC,
      Array.from({ length: 7 }, () => entry('a')),
    );
    for (const [number, base] of [0n, 3n, 6n].entries()) {
      const request = await sender.request(number + 1);
      expect(request.parcels[0]?.entries.length).toBeLessThanOrEqual(3);
      request.ack(base);
    }
    expect(offsets(await answer)).toEqual([0n, 1n, 2n, 3n, 4n, 5n, 6n]);
  });

  it('lets what the broker will never take spoil no other partition', async () => {
    const sender = new HeldSender();
    const appender = appenderOver(sender);
    const [bad, good] = [keysOf(0, 1)[0] as string, keysOf(1, 1)[0] as string];
    const answers = [appender.append(TOPIC, [entry(bad)]), appender.append(TOPIC, [entry(good)])];
    const final = new SendFailure('rejected', 'INVALID_RECORD', false);
    (await sender.request(1)).fail(final);
    for (const number of [2, 3]) {
      const alone = await sender.request(number);
      expect(alone.parcels).toHaveLength(1);
      if (alone.parcels[0]?.partition === 0) alone.fail(final);
      else alone.ack(8n);
    }
    expect((await Promise.all(answers)).map(offsets)).toEqual([['unknown'], [8n]]);
  });

  it('appends nothing once the topic has other partitions than its keys were placed by', async () => {
    const sender = new HeldSender();
    const appender = appenderOver(sender, { appendDeadlineMs: 40 }, PARTITIONS + 1);
    expect(await appender.append(TOPIC, [entry('a')])).toEqual([
      { kind: 'refused', reason: 'not-sent' },
    ]);
    await expect(appender.append(TOPIC, [entry('a')])).rejects.toThrow(LogFault);
    expect(sender.held).toHaveLength(0);
  });

  it('takes nothing after close, which waits for what was taken before', async () => {
    const sender = new HeldSender();
    const appender = appenderOver(sender);
    const first = appender.append(TOPIC, [entry('a')]);
    const closed = appender.close();
    const [late] = await appender.append(TOPIC, [entry('b')]);
    expect(late).toEqual({ kind: 'refused', reason: 'closed' });
    (await sender.request(1)).ack(1n);
    await closed;
    expect(offsets(await first)).toEqual([1n]);
  });
});
