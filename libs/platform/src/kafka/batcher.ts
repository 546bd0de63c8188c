import { Lane, LaneLimits, Parcel, QueuedEntry } from './append-lane';

/** One request on its way. */
export interface SentRequest {
  /** The offset of each parcel's first entry, in the order given. Rejects with SendFailure only. */
  result: Promise<bigint[]>;
  /** Gives the request up and drops the connection it runs on; `result` rejects at once. */
  drop(): void;
}

export interface RequestSender {
  send(parcels: Parcel[]): SentRequest;
}

/**
 * `not-sent`: nothing left the process. `lost`: it may have. `rejected`: the broker answered with
 * an error.
 */
export class SendFailure extends Error {
  constructor(
    readonly kind: 'not-sent' | 'lost' | 'rejected',
    message: string,
    /** False: the same request would be rejected again. */
    readonly retriable = true,
  ) {
    super(message);
  }
}

export interface BatcherLimits extends LaneLimits {
  maxRequestsInFlight: number;
}

export interface BatcherEvents {
  acked(entry: QueuedEntry, topic: string, partition: number, offset: bigint): void;
  /** The broker will never take these. */
  rejected(entry: QueuedEntry, reason: string): void;
  requestEnded(outcome: 'acked' | SendFailure, parcels: Parcel[]): void;
}

const MAX_REQUEST_BYTES = 8 * 1024 * 1024;
const RETRY_FROM_MS = 50;
const RETRY_TO_MS = 1_000;

/**
 * Gathers entries by partition and sends what is ready in as few requests as possible: a request
 * carries one parcel
 * of every ready partition. Repeats failed parcels for as long as any of their entries still waits
 * for its answer.
 */
export class Batcher {
  private readonly lanes = new Map<string, Lane[]>();
  private readonly requests = new Map<SentRequest, Parcel[]>();
  private timer: NodeJS.Timeout | undefined;
  private timerAt = Infinity;
  private pumping = false;
  private failuresInARow = 0;

  constructor(
    private readonly sender: RequestSender,
    private readonly limits: BatcherLimits,
    private readonly events: BatcherEvents,
  ) {}

  get inFlight(): number {
    return this.requests.size;
  }

  add(topic: string, entries: QueuedEntry[]): void {
    const now = performance.now();
    const lanes = this.lanesOf(topic);
    for (const entry of entries) {
      const { partition } = entry.message;
      lanes[partition] ??= new Lane(topic, partition, this.limits);
      lanes[partition].add(entry, now);
    }
    this.schedule();
  }

  /** Drops the connections that carry any of these entries: their deadline has passed. */
  giveUp(entries: ReadonlySet<QueuedEntry>): void {
    for (const [request, parcels] of this.requests) {
      if (parcels.some((parcel) => parcel.entries.some((e) => entries.has(e)))) request.drop();
    }
  }

  stop(): void {
    clearTimeout(this.timer);
    for (const request of this.requests.keys()) request.drop();
  }

  private lanesOf(topic: string): Lane[] {
    let lanes = this.lanes.get(topic);
    if (!lanes) this.lanes.set(topic, (lanes = []));
    return lanes;
  }

  private *allLanes(): Iterable<Lane> {
    for (const lanes of this.lanes.values()) for (const lane of lanes) if (lane) yield lane;
  }

  private schedule(): void {
    if (this.pumping || this.requests.size >= this.limits.maxRequestsInFlight) return;
    const at = this.nextReadyAt();
    if (at === Infinity) return;
    const wait = at - performance.now();
    if (wait <= 0) {
      // Once per turn of the loop, so that all appends of this turn share a request.
      this.pumping = true;
      setImmediate(() => {
        this.pumping = false;
        this.pump();
      });
    } else if (at < this.timerAt) {
      clearTimeout(this.timer);
      this.timerAt = at;
      this.timer = setTimeout(() => {
        this.timerAt = Infinity;
        this.pump();
      }, wait);
    }
  }

  private nextReadyAt(): number {
    let at = Infinity;
    for (const lane of this.allLanes()) at = Math.min(at, lane.readyAt() ?? Infinity);
    return at;
  }

  private pump(): void {
    while (this.requests.size < this.limits.maxRequestsInFlight) {
      const taken = this.takeReady();
      if (taken.length === 0) break;
      void this.run(taken);
    }
    this.schedule();
  }

  private takeReady(): { lane: Lane; parcel: Parcel }[] {
    const now = performance.now();
    const taken: { lane: Lane; parcel: Parcel }[] = [];
    let bytes = 0;
    if (this.nextReadyAt() > now) return taken;
    // A request leaves anyway: whoever still lingers goes with it.
    const soon = now + this.limits.lingerMs;
    for (const lane of this.allLanes()) {
      const readyAt = lane.readyAt();
      if (readyAt === undefined || readyAt > soon) continue;
      if (lane.alone && taken.length > 0) continue;
      const parcel = lane.take();
      if (!parcel) continue;
      taken.push({ lane, parcel });
      bytes += parcel.bytes;
      if (lane.alone || bytes >= MAX_REQUEST_BYTES) break;
    }
    return taken;
  }

  private async run(taken: { lane: Lane; parcel: Parcel }[]): Promise<void> {
    const parcels = taken.map(({ parcel }) => parcel);
    const request = this.sender.send(parcels);
    this.requests.set(request, parcels);
    try {
      const offsets = await request.result;
      this.failuresInARow = 0;
      this.acknowledge(taken, offsets);
      this.events.requestEnded('acked', parcels);
    } catch (error) {
      const failure =
        error instanceof SendFailure ? error : new SendFailure('lost', String(error), true);
      this.fail(taken, failure);
      this.events.requestEnded(failure, parcels);
    } finally {
      this.requests.delete(request);
      this.schedule();
    }
  }

  private acknowledge(taken: { lane: Lane; parcel: Parcel }[], offsets: bigint[]): void {
    taken.forEach(({ lane, parcel }, at) => {
      lane.answered();
      let offset = offsets[at] as bigint;
      for (const entry of parcel.entries) {
        this.events.acked(entry, parcel.topic, parcel.partition, offset);
        offset += 1n;
      }
    });
  }

  private fail(taken: { lane: Lane; parcel: Parcel }[], failure: SendFailure): void {
    this.failuresInARow += 1;
    const doubled = RETRY_FROM_MS * 2 ** Math.min(this.failuresInARow - 1, 10);
    const notBefore = performance.now() + Math.min(doubled, RETRY_TO_MS);
    for (const { lane, parcel } of taken) {
      const wasAlone = lane.alone || taken.length === 1;
      if (failure.kind === 'rejected') lane.alone = true;
      if (failure.kind === 'rejected' && !failure.retriable && wasAlone) {
        for (const entry of parcel.entries) this.events.rejected(entry, failure.message);
      }
      lane.failed(parcel, notBefore);
    }
  }
}
