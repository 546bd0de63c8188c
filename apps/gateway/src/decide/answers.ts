import type { DecisionAnswer, LimitState, TierReference } from '@tallyward/contracts';
import { type ClockReading, elapsedMs, type WindowFrame } from '@tallyward/domain';
import { Problem } from '@tallyward/platform';
import type { GatewayEvents } from '../events';
import { gatewayProblem } from '../gateway-problem';
import type { HoldTokens } from '../holds/hold-tokens';
import type { KnownCounter } from '../leases/known-counter';
import type { Leases } from '../leases/leases';
import {
  answerOf,
  type AnswerParts,
  DEGRADED_RETRY_MS,
  plainVerdict,
  type Verdict,
  verdictOf,
} from './answer';
import type { Attempt, DecidedFor } from './attempt';
import { type CallToDecide, frameOf } from './decide-call';
import type { DecisionLog } from './decision-log';
import { isRecorded, recordOf } from './decision-record';
import { countInFlight, tokenOf, tooLongDetail } from './hold-id';
import { type Known, knownOf, limitState, passes, windowOf } from './limit-states';
import { LimitWindows } from './limit-windows';
import { watchInUse } from './watch-in-use';
import { WORDS } from './words';

type Decided = Extract<Attempt, { kind: 'decided' }>;
type Know = (counter: KnownCounter) => Known;

export interface AnswersParts {
  readonly leases: Leases;
  readonly tokens: HoldTokens;
  readonly log: DecisionLog;
  readonly events: GatewayEvents;
}

/** When a call came and when it is answered, by this process' clocks. */
export interface Asked {
  readonly since: ClockReading;
  readonly now: ClockReading;
}

/** Writes what was decided as the answer to the app, and records it. */
export class Answers {
  private readonly windows = new LimitWindows();

  constructor(private readonly parts: AnswersParts) {}

  decided(call: CallToDecide, found: Decided, asked: Asked): DecisionAnswer | Problem {
    const { decision } = found;
    const verdict = verdictOf(call, found);
    const isServed = verdict.outcome === 'allow' || verdict.outcome === 'restrict';
    const { know, frame } = this.knowledge(call, found, asked.now);
    const passed = decision.met.filter((one) => isServed && passes(one, know));
    const hold = this.hold(call, found, { isServed, frame }, asked.now);
    if (hold instanceof Problem) return hold;
    const { tier, customer } = found.for;
    if (hold) watchInUse(call, decision.met, customer.version, this.parts.leases, asked.now);
    const { limits, asOf } = shownLimits(call, found, passed, know, frame);
    const overage = passed.length > 0;
    const parts = { hold, tier, overage, limits, asOf: asOf ?? this.instant(asked.now) };
    return this.tell(call, verdict, parts, asked);
  }

  /** `tier`: the customer's, where it is known. */
  unknownModel(call: CallToDecide, tier: TierReference | null, asked: Asked): DecisionAnswer {
    const verdict = plainVerdict(call, 'block', 'unknown-model', WORDS.unknownModel);
    return this.tell(call, verdict, { ...this.nothing(asked), tier }, asked);
  }

  customerOff(call: CallToDecide, { tier }: DecidedFor, asked: Asked): DecisionAnswer {
    const verdict = plainVerdict(call, 'block', 'disabled', WORDS.customerOff);
    return this.tell(call, verdict, { ...this.nothing(asked), tier }, asked);
  }

  /** What can not be decided is answered as the project has said. */
  degraded(call: CallToDecide, asked: Asked): DecisionAnswer {
    const retryAt = this.instant(asked.now) + DEGRADED_RETRY_MS;
    const verdict = call.project.failOpen
      ? plainVerdict(call, 'allow', 'degraded', WORDS.degradedOpen)
      : plainVerdict(call, 'throttle', 'degraded', WORDS.degradedClosed, retryAt);
    return this.tell(call, verdict, this.nothing(asked), asked);
  }

  /** The hold with its id, counted as in flight; or given back, where nobody is served by it. */
  private hold(
    call: CallToDecide,
    found: Decided,
    { isServed, frame }: { readonly isServed: boolean; readonly frame: WindowFrame },
    now: ClockReading,
  ): AnswerParts['hold'] | Problem {
    const { leases, tokens } = this.parts;
    const taken = found.decision.kind === 'serve' ? found.decision.hold.hold : null;
    if (!taken) return null;
    const token = isServed ? tokenOf(call, taken, found, leases.process.id) : null;
    const id = token && tokens.sign(token, call.desk.project);
    if (id === null) leases.book.holds.release(taken.id, now);
    else {
      const instant = this.instant(now);
      const window = (counter: KnownCounter) => windowOf(counter, this.windows, frame, instant);
      countInFlight(call, found, leases, window, now);
    }
    if (token && id === null) {
      return gatewayProblem('hold-too-long', { detail: tooLongDetail(token) });
    }
    return id === null ? null : { id, expiresAt: taken.expiresAt };
  }

  private knowledge(call: CallToDecide, { for: { customer } }: Decided, now: ClockReading) {
    const frame = frameOf(call, customer);
    const instant = this.instant(now);
    const know: Know = (counter) => knownOf(counter, this.windows, frame, instant);
    return { know, frame };
  }

  private tell(
    call: CallToDecide,
    verdict: Verdict,
    parts: Omit<AnswerParts, 'decisionId'>,
    { since, now }: Asked,
  ): DecisionAnswer {
    const { events, log, leases } = this.parts;
    const { id } = leases.process;
    const answer = answerOf(verdict, { ...parts, decisionId: `${id}.${call.number}` });
    events.decided(answer.outcome, answer.reason, elapsedMs(since, leases.process.clocks()));
    if (!call.look && isRecorded(answer)) log.record(recordOf(call, answer, id, now.wallMs));
    return answer;
  }

  private nothing({ now }: Asked): Omit<AnswerParts, 'decisionId'> {
    return { hold: null, tier: null, overage: false, asOf: this.instant(now), limits: [] };
  }

  private instant(now: ClockReading): number {
    return this.parts.leases.process.issuerNow(now);
  }
}

/**
 * What stood in the way, in its order, then what the call meets where it ends: first of that what
 * it passes.
 */
function shownLimits(
  { desk }: CallToDecide,
  { decision }: Decided,
  passed: Decided['decision']['met'],
  know: Know,
  { timeZone }: WindowFrame,
) {
  const limits: LimitState[] = [];
  let asOf: number | null = null;
  const inTheWay = decision.kind === 'refuse' ? [...decision.passed, decision.by] : decision.passed;
  const show = (counter: KnownCounter, exceeded: boolean): void => {
    const known = know(counter);
    limits.push(limitState(counter, known, timeZone, exceeded));
    if (known.toldAt !== null) asOf = Math.min(asOf ?? Infinity, known.toldAt);
  };
  for (const { limit, scopeValue } of inTheWay) show(desk.counter(limit, scopeValue), true);
  for (const { counter } of passed) show(counter, true);
  for (const met of decision.met) {
    const isShown = passed.includes(met) || inTheWay.some(({ limit }) => limit === met.limit);
    if (!isShown) show(met.counter, false);
  }
  return { limits, asOf };
}
