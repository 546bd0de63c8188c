import { TOPICS } from '@tallyward/contracts';
import {
  assertEqual,
  BareProducer,
  benchEntry,
  benchEvent,
  HttpLane,
  inFlight,
  postBytes,
  streamStart,
  type Bare,
  type BareMessage,
  type Bench,
  type BenchRun,
  type Figure,
  type Service,
  type Side,
  type Testbed,
} from '@tallyward/testing';
import { madeKey, projectOf, type MadeKey } from '../gateway.builder';
import { openRealLog, type RealLog } from '../real-log.builder';
import { BATCH, STRUCTURED } from './send-usage.builder';

const { name: topic, partitions } = TOPICS.usageEvents;
const IN_FLIGHT = 8;
const NOBODY = 'http://127.0.0.1:1';

/** What both sides send: the same events, in requests of this size. */
interface Load {
  readonly what: string;
  readonly size: number;
  readonly inFlight: number;
  readonly requests: number;
  readonly budget?: number;
}

const LOADS: readonly Load[] = [
  {
    what: 'batches of 100, 8 in flight',
    size: 100,
    inFlight: IN_FLIGHT,
    requests: 400,
    budget: 0.6,
  },
  { what: 'single events, 8 in flight', size: 1, inFlight: IN_FLIGHT, requests: 6_000 },
  { what: 'single events, 64 in flight', size: 1, inFlight: 64, requests: 12_000 },
];

/** A gateway as a process, and the log it writes to. */
class Gateway {
  private constructor(
    readonly bed: Testbed,
    readonly service: Service,
    readonly log: RealLog,
    readonly key: MadeKey,
  ) {}

  static async start(bed: Testbed): Promise<Gateway> {
    const log = await openRealLog(bed);
    const key = madeKey(['ingest']);
    await log.publish(projectOf('demo', [key]));
    const service = await bed.spawnService('gateway', {
      TALLYWARD_ENTITLEMENT_URL: NOBODY,
      TALLYWARD_AGGREGATOR_URL: NOBODY,
    });
    return new Gateway(bed, service, log, key);
  }

  async logged(): Promise<number> {
    const ends = await this.log.log.admin.endOffsets(topic);
    return [...ends.values()].reduce((sum, end) => sum + Number(end), 0);
  }

  request(events: readonly object[]): Buffer {
    const alone = events.length === 1;
    const headers = {
      authorization: `Bearer ${this.key.key}`,
      'content-type': alone ? STRUCTURED : BATCH,
    };
    return postBytes('/v1/events', headers, JSON.stringify(alone ? events[0] : events));
  }
}

/** Through the gateway; answered when every replica has them. */
class Sent implements Side {
  readonly name = 'gateway';
  private requests: Buffer[] = [];
  private loggedBefore = 0;
  private readonly start = streamStart();

  constructor(
    private readonly gateway: Gateway,
    private readonly load: Load,
    private readonly lanes: readonly HttpLane[],
  ) {}

  async prepare(round: number): Promise<void> {
    const { size, requests } = this.load;
    const run = `sent-${size}-${this.load.inFlight}-${round}`;
    this.requests = Array.from({ length: requests }, (_, request) => {
      const first = request * size;
      const events = Array.from({ length: size }, (_, i) => benchEvent(run, first + i, this.start));
      return this.gateway.request(events);
    });
    this.loggedBefore = await this.gateway.logged();
  }

  async run(): Promise<number> {
    const { requests, load } = this;
    await inFlight(requests, load.inFlight, async (request, worker) => {
      const answer = await this.lanes[worker]?.ask(request);
      if (answer?.status !== 202) throw new Error(`${answer?.status}: ${answer?.body}`);
    });
    return requests.length * load.size;
  }

  async check(): Promise<void> {
    const logged = (await this.gateway.logged()) - this.loggedBefore;
    assertEqual('events in the log', logged, this.load.requests * this.load.size);
  }
}

/** The same bytes by bare kafkajs. */
class Produced implements Bare {
  readonly name = 'kafkajs';
  readonly budget?: number;
  private batches: BareMessage[][] = [];
  private readonly start = streamStart();

  constructor(
    private readonly producer: BareProducer,
    private readonly load: Load,
    private readonly sent: Sent,
  ) {
    if (load.budget !== undefined) this.budget = load.budget;
  }

  async prepare(round: number): Promise<void> {
    await this.sent.check();
    const { size, requests } = this.load;
    const run = `bare-${size}-${this.load.inFlight}-${round}`;
    this.batches = Array.from({ length: requests }, (_, request) =>
      Array.from({ length: size }, (_, i) =>
        this.producer.message(benchEntry(run, request * size + i, this.start)),
      ),
    );
  }

  async run(): Promise<number> {
    const { batches, load } = this;
    await inFlight(batches, load.inFlight, (batch) => this.producer.send(batch));
    return batches.length * load.size;
  }
}

async function measure(run: BenchRun, gateway: Gateway, load: Load): Promise<readonly Figure[]> {
  const lanes = await Promise.all(
    Array.from({ length: load.inFlight }, () => HttpLane.open(gateway.service.url)),
  );
  const { brokers, namespace } = gateway.bed;
  const bare = { brokers, topic: `${namespace}${topic}`, partitions };
  const producer = await BareProducer.open(bare);
  const asked = run.quick ? { ...load, requests: load.inFlight * 2 } : load;
  const sent = new Sent(gateway, asked, lanes);
  try {
    const { figures } = await run.compare({
      what: load.what,
      ours: sent,
      bare: [new Produced(producer, asked, sent)],
      rounds: run.quick ? 1 : 5,
      processes: {
        bench: 'self',
        gateway: () => gateway.service.pid,
        kafka: () => gateway.bed.pid('kafka'),
      },
    });
    return figures;
  } finally {
    for (const lane of lanes) lane.close();
    await producer.close();
  }
}

export const benches: readonly Bench[] = [
  {
    name: 'ingest',
    about: 'events through a gateway over HTTP, acked, against bare kafkajs of the same bytes',
    async run(run) {
      const gateway = await Gateway.start(await run.bed());
      try {
        const figures: Figure[] = [];
        for (const load of LOADS) figures.push(...(await measure(run, gateway, load)));
        return figures;
      } finally {
        await gateway.log.log.close();
      }
    },
  },
];
