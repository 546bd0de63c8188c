import { TOPICS } from '@tallyward/contracts';
import { openLog } from '@tallyward/platform';
import {
  assertEqual,
  digits,
  type HttpLane,
  inFlight,
  percentile,
  spreadOf,
  streamStart,
  type Bench,
  type BenchRun,
  type Figure,
} from '@tallyward/testing';
import { Stack } from './stack.builder';
import { FOLDS, FoldProbe, sum, type Fold, type Look } from './storage/fold-probe';
import {
  BATCH,
  batchRequest,
  IN_FLIGHT,
  lanesTo,
  processorText,
  processorsOf,
} from './bench-stack.builder';

const { name: topic } = TOPICS.usageEvents;
/** Connections of the paced sender: requests wait for none of them unless the gateway is slow. */
const PACED_LANES = 32;
const TOP_EVENTS = 200_000;
const PACED_SECONDS = 45;
/** Stretches of the paced stream, one after the other: each is told by itself, as a range. */
const STRETCHES = 5;

/** What is sent, ready made; and when each batch was acked. */
class Stream {
  readonly requests: readonly Buffer[];
  readonly ackedAt: number[] = [];

  constructor(
    stack: Stack,
    readonly name: string,
    batches: number,
  ) {
    const start = streamStart();
    this.requests = Array.from({ length: batches }, (_, batch) =>
      batchRequest(stack, name, batch * BATCH, start),
    );
  }

  get events(): number {
    return this.requests.length * BATCH;
  }

  async send(lane: HttpLane | undefined, batch: number): Promise<void> {
    const request = this.requests[batch];
    if (!lane || !request) throw new Error(`no batch ${batch}`);
    const answer = await lane.ask(request);
    if (answer.status !== 202) throw new Error(`${answer.status}: ${answer.body}`);
    this.ackedAt[batch] = performance.now();
  }
}

/** As fast as it goes; events a second until both folds have the last one. */
async function topRate(stack: Stack, probe: FoldProbe, events: number): Promise<number> {
  const stream = new Stream(stack, 'top', Math.ceil(events / BATCH));
  const lanes = await lanesTo(stack, IN_FLIGHT);
  const startedAt = performance.now();
  const batches = stream.requests.map((_, batch) => batch);
  await inFlight(batches, IN_FLIGHT, (batch, worker) => stream.send(lanes[worker], batch));
  await probe.reached(stream.events);
  for (const lane of lanes) lane.close();
  return stream.events / ((performance.now() - startedAt) / 1_000);
}

/** At a steady pace, whatever the answers take. */
async function sendPaced(stack: Stack, stream: Stream, perSecond: number): Promise<void> {
  const free = await lanesTo(stack, PACED_LANES);
  const all = [...free];
  const waiting: ((lane: HttpLane) => void)[] = [];
  const take = (): Promise<HttpLane> => {
    // The longest idle first: a server closes what is idle for some seconds.
    const lane = free.shift();
    return lane ? Promise.resolve(lane) : new Promise((resolve) => waiting.push(resolve));
  };
  const sendOne = async (batch: number): Promise<void> => {
    const lane = await take();
    try {
      await stream.send(lane, batch);
    } finally {
      // Also one that failed: whoever waits for it fails at once instead of for ever.
      const next = waiting.shift();
      if (next) next(lane);
      else free.push(lane);
    }
  };
  const startedAt = performance.now();
  const sent: Promise<void>[] = [];
  let failed: unknown;
  for (let batch = 0; batch < stream.requests.length && failed === undefined; batch += 1) {
    const wait = startedAt + (batch * BATCH * 1_000) / perSecond - performance.now();
    if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
    sent.push(sendOne(batch).catch((error: unknown) => void (failed ??= error)));
  }
  await Promise.all(sent);
  for (const lane of all) lane.close();
  if (failed !== undefined) throw failed;
}

/** Milliseconds from each event's ack until a fold had it, by the log itself, by stretch. */
async function waits(stack: Stack, stream: Stream, looks: readonly Look[], from: number[]) {
  const { brokers, namespace } = stack.bed;
  const silent = { debug() {}, info() {}, warn() {}, error() {} };
  const log = openLog({ brokers: [...brokers], clientId: 'bench', namespace, logger: silent });
  const stretches = (): number[][] => Array.from({ length: STRETCHES }, () => []);
  const found: Record<Fold, number[][]> = { totals: stretches(), warehouse: stretches() };
  try {
    for (const [partition, end] of await log.admin.endOffsets(topic)) {
      const at = { totals: 0, warehouse: 0 };
      await log.readRange({
        topic,
        partition,
        from: BigInt(from[partition] ?? 0),
        to: end,
        onEntries: (entries) => {
          for (const { offset, headers } of entries) {
            const n = Number(headers['ce_id']?.slice(stream.name.length + 1));
            const ackedAt = stream.ackedAt[Math.floor(n / BATCH)] ?? NaN;
            const stretch = Math.floor((n / stream.events) * STRETCHES);
            for (const fold of FOLDS) {
              while ((looks[at[fold]]?.next[fold][partition] ?? Infinity) <= offset) at[fold] += 1;
              const seenAt = looks[at[fold]]?.at ?? NaN;
              found[fold][stretch]?.push(Math.max(0, seenAt - ackedAt));
            }
          }
        },
      });
    }
  } finally {
    await log.close();
  }
  return found;
}

async function freshness(
  run: BenchRun,
  stack: Stack,
  probe: FoldProbe,
): Promise<readonly Figure[]> {
  const top = await topRate(stack, probe, run.quick ? 2_000 : TOP_EVENTS);
  run.tell(`top rate, both folds with it: ${digits(top)}/s`);
  const half = top / 2;
  const seconds = run.quick ? 2 : PACED_SECONDS;
  const stream = new Stream(stack, 'half', Math.ceil((half * seconds) / BATCH));
  const before = (await probe.look()).next.totals;
  const processors = processorsOf(stack);
  const spent = processors();
  probe.start();
  const startedAt = performance.now();
  await sendPaced(stack, stream, half);
  const paced = stream.events / ((performance.now() - startedAt) / 1_000);
  await probe.reached(sum(before) + stream.events);
  probe.looks.push(await probe.look());
  await probe.stop();
  const processor = processorText(spent, processors(), stream.events);
  const found = await waits(stack, stream, probe.looks, [...before]);
  return FOLDS.map((fold) => {
    const times = found[fold].flat();
    const rangeOf = (share: number): string => {
      const each = spreadOf(found[fold].map((stretch) => percentile(stretch, share)));
      return `${digits(each.from)}…${digits(each.to)}`;
    };
    assertEqual(`events that came to ${fold}`, times.filter(Number.isFinite).length, stream.events);
    const [p50, p99] = [percentile(times, 0.5), percentile(times, 0.99)];
    const aimMs = fold === 'totals' ? 1_000 : 5_000;
    const pace = `${digits(paced)}/s, half of the top ${digits(top)}/s`;
    return {
      what: `acked → in ${fold === 'totals' ? 'totals' : 'ClickHouse'}`,
      ours: `p50 ${digits(p50)} (${rangeOf(0.5)}) ms, p99 ${digits(p99)} (${rangeOf(0.99)}) ms`,
      against: `at ${pace}`,
      budget: { text: `p99 < ${aimMs / 1_000} s`, met: p99 < aimMs },
      notes: [`of all; range over ${STRETCHES} stretches of the stream`, processor],
      numbers: { p50, p99, top, pace: paced },
    };
  });
}

export const benches: readonly Bench[] = [
  {
    name: 'freshness',
    about: 'from an ack until totals and ClickHouse have the event, at half the top rate',
    async run(run) {
      const stack = await Stack.on(await run.bed());
      const probe = await FoldProbe.open(stack.bed.postgres.admin);
      try {
        return await freshness(run, stack, probe);
      } finally {
        await probe.close();
      }
    },
  },
];
