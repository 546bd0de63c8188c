import { usageEvent, type SentEvent } from '@tallyward/testing';
import { Random } from './random';

export const BATCH_EVENTS = 20;
const CUSTOMERS = 8;
const MODELS = ['gpt-4o', 'o1', 'gpt-4o-mini', 'nobody-knows'];
/** Of all events: sent before, in this batch or an earlier one, to whichever gateway. */
const REPEATED = 0.05;
/** Of an earlier identity, with other content: kept aside, and never counted. */
const CONFLICTING = 0.01;
/** Late, and counted; so late that the door refuses them. */
const LATE = 0.04;
const TOO_OLD = 0.01;
/** Ids of long ago, while there are any: each comes once more, as a new event. */
const USED_AGAIN = 0.1;
/** Batches that go to two gateways at once. */
const SENT_TWICE = 0.05;
const MINUTE_MS = 60_000;
const DAY_MS = 1_440 * MINUTE_MS;
/** Events that may be sent again: this many of the latest. */
const REMEMBERED = 400;

export interface Piece {
  readonly event: SentEvent;
  readonly kind: 'new' | 'repeat' | 'conflict' | 'too-old';
}

export interface Batch {
  /** Which of the projects; one request is of one. */
  readonly project: number;
  /** The gateways it is sent to, at once. */
  readonly gateways: readonly number[];
  readonly pieces: readonly Piece[];
}

/** One row's events, the same for the same seed; its customers are the row's own. */
export class Stream {
  private readonly random: Random;
  private readonly recent: SentEvent[][];
  private readonly acked: SentEvent[][];
  private readonly old: SentEvent[][];
  private made = 0;

  constructor(
    private readonly row: string,
    seed: number,
    private readonly projects: number,
    private readonly gateways: number,
    private readonly now = Date.now(),
  ) {
    this.random = new Random(`${seed}/${row}`);
    this.recent = Array.from({ length: projects }, () => []);
    this.acked = Array.from({ length: projects }, () => []);
    this.old = Array.from({ length: projects }, () => []);
  }

  batch(): Batch {
    const { random } = this;
    const project = random.below(this.projects);
    const first = random.below(this.gateways);
    const others = Array.from({ length: this.gateways }, (_, n) => n).filter((n) => n !== first);
    const gateways = random.happens(SENT_TWICE) ? [first, ...others.slice(0, 1)] : [first];
    const pieces = Array.from({ length: BATCH_EVENTS }, () => this.piece(project));
    return { project, gateways, pieces };
  }

  /** From now on, another content under this identity is a conflict. */
  confirm(project: number, event: SentEvent): void {
    keep(this.acked[project] ?? [], event);
  }

  /** The id of an event whose key no longer vouches: it comes once more, and counts. */
  useAgain(project: number, event: SentEvent): void {
    this.old[project]?.push(event);
  }

  private piece(project: number): Piece {
    const { random } = this;
    const draw = random.next();
    const [recent = [], acked = []] = [this.recent[project], this.acked[project]];
    if (draw < REPEATED && recent.length > 0) return { event: random.of(recent), kind: 'repeat' };
    if (draw < REPEATED + CONFLICTING && acked.length > 0) {
      const event = random.of(acked);
      const outputTokens = (event.data.outputTokens ?? 0) + 1;
      return { event: { ...event, data: { ...event.data, outputTokens } }, kind: 'conflict' };
    }
    const old = this.old[project] ?? [];
    const usedAgain = old.length > 0 && random.happens(USED_AGAIN) ? old.shift() : undefined;
    if (usedAgain) {
      const { id, subject: customer } = usedAgain;
      const event = { ...this.event(0), id, subject: customer };
      keep(recent, event);
      return { event, kind: 'new' };
    }
    if (random.happens(TOO_OLD)) {
      return { event: this.event((36 + random.below(300)) * DAY_MS), kind: 'too-old' };
    }
    const isLate = random.happens(LATE);
    const age = isLate ? random.below(34 * DAY_MS) : random.below(90 * MINUTE_MS);
    const event = this.event(age);
    keep(recent, event);
    return { event, kind: 'new' };
  }

  private event(ageMs: number): SentEvent {
    const { random } = this;
    this.made += 1;
    return usageEvent({
      id: `${this.row}-${this.made}`,
      source: 'chaos',
      customer: `${this.row}-c${random.below(CUSTOMERS)}`,
      model: random.of(MODELS),
      workspace: random.of(['emea', 'apac']),
      time: this.now - ageMs,
      inputTokens: random.below(2_000),
      outputTokens: random.below(900),
    });
  }
}

function keep(events: SentEvent[], event: SentEvent): void {
  events.push(event);
  if (events.length > REMEMBERED) events.shift();
}
