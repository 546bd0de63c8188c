import { setTimeout as pause } from 'node:timers/promises';
import type { SentEvent } from '@tallyward/testing';
import type { Fleet } from './fleet';
import type { Batch, Stream } from './stream';
import { Truth } from './truth';

const WORKERS = 2;
/** Between two batches of a worker: the load is steady, not all that the machine can do. */
const PACE_MS = 150;
const RETRY_MS = 100;
const REQUEST_DEADLINE_MS = 20_000;
/** A batch that is not acked after this is given up, and the row fails. */
const ACK_WITHIN_MS = 240_000;

interface Answer {
  readonly accepted?: number;
  readonly rejected?: readonly { readonly index: number; readonly code: string }[];
}

/** Clients that report usage and send it again until it is acked. */
export class Load {
  readonly truth = new Truth();
  /** From the first try of a batch to its ack. */
  readonly ackMs: number[] = [];
  /** Answers that were neither an ack nor the refusal of an event that is too old. */
  readonly refusals = new Map<string, number>();
  /** When each ack came, on the clock of `performance`. */
  readonly ackedAt: number[] = [];
  readonly faults: string[] = [];
  /** Batches that are acked, or given up. */
  answered = 0;
  private begun = 0;
  private stopping = false;
  private givenUp = false;
  private mostBatches = Number.POSITIVE_INFINITY;
  private workers: Promise<void>[] = [];

  constructor(
    private readonly fleet: Fleet,
    private readonly stream: Stream,
  ) {}

  /** Goes on until `finish`, or until this many batches are acked. */
  start(mostBatches = Number.POSITIVE_INFINITY): void {
    this.mostBatches = mostBatches;
    this.workers = Array.from({ length: WORKERS }, () => this.work());
  }

  /** What is not acked by now is not tried again. */
  giveUp(): void {
    this.givenUp = true;
  }

  /** Resolves when everything that was sent is acked. */
  async finish(): Promise<void> {
    this.stopping = true;
    await Promise.all(this.workers);
  }

  /** Resolves when the last of the batches asked for is acked. */
  async done(): Promise<void> {
    await Promise.all(this.workers);
  }

  refused(): number {
    return [...this.refusals.values()].reduce((sum, n) => sum + n, 0);
  }

  private async work(): Promise<void> {
    while (!this.stopping && this.begun < this.mostBatches) {
      this.begun += 1;
      await this.deliver(this.stream.batch());
      this.answered += 1;
      await pause(PACE_MS);
    }
  }

  private async deliver(batch: Batch): Promise<void> {
    const { project } = this.fleet.projects[batch.project] ?? { project: '' };
    for (const { event, kind } of batch.pieces) {
      if (kind === 'new') this.truth.sent(project, event);
    }
    const began = performance.now();
    await Promise.all(batch.gateways.map((gateway) => this.untilAcked(batch, gateway)));
    this.ackMs.push(performance.now() - began);
  }

  private async untilAcked(batch: Batch, first: number): Promise<void> {
    const until = performance.now() + ACK_WITHIN_MS;
    for (let gateway = first; !this.givenUp && performance.now() < until; gateway += 1) {
      if (await this.tried(batch, gateway % this.fleet.gateways.length)) return;
      await pause(RETRY_MS);
    }
    this.faults.push(`a batch was not acked within ${ACK_WITHIN_MS / 1_000} s`);
  }

  private async tried(batch: Batch, gateway: number): Promise<boolean> {
    const events = batch.pieces.map(({ event }) => event);
    try {
      const { status, body } = await this.post(batch.project, gateway, events);
      if (status !== 202) {
        this.count(String(status));
        return false;
      }
      this.acked(batch, body);
      return true;
    } catch (error) {
      this.count(nameOf(error));
      return false;
    }
  }

  private acked(batch: Batch, { rejected = [] }: Answer): void {
    this.ackedAt.push(performance.now());
    const codes = new Map(rejected.map(({ index, code }) => [index, code]));
    const { project } = this.fleet.projects[batch.project] ?? { project: '' };
    batch.pieces.forEach(({ event, kind }, index) => {
      const code = codes.get(index);
      const wanted = kind === 'too-old' ? 'event-too-old' : undefined;
      if (code !== wanted) this.faults.push(`${event.id} (${kind}): ${code ?? 'accepted'}`);
      if (code !== undefined || kind === 'too-old') return;
      if (kind === 'conflict') return this.truth.conflicted(project, event);
      this.truth.acked(project, event);
      this.stream.confirm(batch.project, event);
    });
  }

  private async post(project: number, gateway: number, events: readonly SentEvent[]) {
    const answer = await fetch(`${this.fleet.gateways[gateway]}/v1/events`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${this.fleet.projects[project]?.key}`,
        'content-type': 'application/cloudevents-batch+json',
      },
      body: JSON.stringify(events),
      signal: AbortSignal.timeout(REQUEST_DEADLINE_MS),
    });
    const text = await answer.text();
    return { status: answer.status, body: (text === '' ? {} : JSON.parse(text)) as Answer };
  }

  private count(kind: string): void {
    this.refusals.set(kind, (this.refusals.get(kind) ?? 0) + 1);
  }
}

/** fetch says "fetch failed" and keeps why in the cause. */
function nameOf(error: unknown): string {
  const cause = (error as { cause?: { code?: string } }).cause;
  return cause?.code ?? (error instanceof Error ? error.name : 'error');
}
