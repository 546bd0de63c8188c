import type { Span } from '../calendar';
import type { Ask, AskAnswer } from './ask';
import type { LeaseTerms } from './grant';
import type { Hold, HoldAnswer } from './hold';
import type { LeaseGranted, LeaseReturn } from './lease';
import { SimulatedGateway } from './simulator/gateway';
import { namedParts, type Settled } from './simulator/log';
import { type SimulatedCounter, SimulatedPostgres } from './simulator/postgres';

export const TOKENS = 'tokens';
/** Scenes start half an hour before it, where nothing else is said. */
export const HOUR_END = Date.parse('2026-11-22T10:00:00Z');
const HOUR_MS = 3_600_000;

export const SCENE_TERMS: LeaseTerms = {
  farMs: 20_000,
  nearMs: 5_000,
  usualHoldMs: 60_000,
  share: 1,
  strands: 1,
  aheadMs: 5_000,
};

interface AskMore {
  readonly limit?: string;
  readonly want?: number;
  readonly longestMs?: number;
  readonly opensAt?: number;
}

/** A stage for one scenario: what happens when is the test's to say, and nothing gets lost. */
export class Scene {
  readonly postgres: SimulatedPostgres;
  readonly gateways: SimulatedGateway[] = [];
  private lastId = 0;

  /** Amounts by limit; all of them count by the hour, from `now` on. */
  constructor(
    amounts: Readonly<Record<string, number>> = { [TOKENS]: 100 },
    public now = HOUR_END - HOUR_MS / 2,
    terms: Partial<LeaseTerms> = {},
  ) {
    const limits = Object.entries(amounts).map(([name, amount]) => {
      return { name, amount, windowOf: hourOf };
    });
    this.postgres = new SimulatedPostgres(limits, { ...SCENE_TERMS, ...terms });
  }

  gateway(driftPerMille = 0, wallSkewMs = 0): SimulatedGateway {
    const wallMs = this.now + wallSkewMs;
    const aheadMs = SCENE_TERMS.aheadMs;
    const made = new SimulatedGateway(this.newId('gateway'), driftPerMille, 'suspends', {
      wallMs,
      aheadMs,
    });
    this.gateways.push(made);
    return made;
  }

  passes(ms: number): void {
    this.now += ms;
    for (const gateway of this.gateways) gateway.passes(ms);
  }

  counter(limit = TOKENS, at = this.now): SimulatedCounter {
    return this.postgres.counter(limit, at);
  }

  /** A gateway asks for the first time; where the ask goes is the test's to say. */
  ask(gateway: SimulatedGateway, need: number, more: AskMore = {}): Ask {
    const { limit = TOKENS, want = need, longestMs = 10_000, opensAt = null } = more;
    const wants = [{ limit, need, want }];
    const ask = { id: this.newId('ask'), gateway: gateway.id, wants, longestMs, opensAt };
    gateway.book.asked(ask, gateway.clocks);
    return ask;
  }

  /** One transaction of entitlement. */
  answerTo(ask: Ask): AskAnswer {
    return this.postgres.commit(this.postgres.plan(ask, this.now)) as AskAnswer;
  }

  /** Ask, grant and all. */
  lease(gateway: SimulatedGateway, amount: number, more: AskMore = {}): LeaseGranted {
    const ask = this.ask(gateway, amount, more);
    const answer = this.answerTo(ask);
    gateway.book.answered(ask.id, answer, gateway.clocks);
    if (answer.kind === 'refused') throw new Error(`refused ${JSON.stringify(answer.shortages)}`);
    return answer.leases[0] as LeaseGranted;
  }

  tryHold(gateway: SimulatedGateway, amount: number, ttlMs = 10_000, limit = TOKENS): HoldAnswer {
    return gateway.hold(this.newId('hold'), [{ limit, amount }], ttlMs);
  }

  hold(gateway: SimulatedGateway, amount: number, ttlMs = 10_000, limit = TOKENS): Hold {
    const answer = this.tryHold(gateway, amount, ttlMs, limit);
    if (answer.kind !== 'held') throw new Error(`no hold: ${answer.kind}`);
    return answer.hold;
  }

  /** The event that a settlement appends. */
  settlement(hold: Hold, by: SimulatedGateway, actual: number): Settled {
    const { id, admittedAt } = hold;
    const parts = namedParts(hold);
    const used = new Map([[parts[0]?.limit ?? TOKENS, actual]]);
    return { hold: id, admittedAt, by: by.id, used, parts };
  }

  /** A settlement at a gateway that the log acks; the event. */
  settle(hold: Hold, at: SimulatedGateway, actual: number): Settled {
    at.book.holds.settling(hold.id, at.clocks);
    at.book.holds.appended(hold.id, 'acked', () => actual);
    return this.settlement(hold, at, actual);
  }

  /** Folds one event, and tells the owners of its leases. */
  fold(entry: Settled): void {
    const folded = this.postgres.fold(entry);
    for (const { id, book } of this.gateways) {
      if (folded?.owners.has(id)) {
        book.holds.settledElsewhere(entry.hold, ({ name }) => entry.used.get(name) ?? 0);
      }
    }
  }

  return(returns: readonly LeaseReturn[]): void {
    for (const { lease, total } of returns) this.postgres.returned(lease, total);
  }

  /** All of a log that is there and folded. */
  reclaim(foldedTo = 0, end: number | null = 0, logBackAt = 0): number {
    return this.postgres.reclaim(this.now, { logBackAt, end, foldedTo });
  }

  newId(what: string): string {
    return `${what}-${(this.lastId += 1)}`;
  }
}

export function hourOf(instant: number): Span {
  const from = Math.floor(instant / HOUR_MS) * HOUR_MS;
  return { from, to: from + HOUR_MS };
}
