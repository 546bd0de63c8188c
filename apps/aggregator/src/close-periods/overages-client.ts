import {
  MOST_ASKED_CUSTOMERS,
  type Overage,
  passedLimitsAnswer,
  type PassedLimitsQuestion,
} from '@tallyward/contracts';
import { CALLER_HEADER, signCaller } from '@tallyward/platform';
import type { PeriodKey } from './closing';

/** How long entitlement may take to say what passed the limits of many customers. */
export const OVERAGES_DEADLINE_MS = 10_000;
/** Questions at once: entitlement has other work than this. */
const ASKED_AT_ONCE = 2;
/** Questions of one turn that may be refused; what is left then is asked for in a later look. */
export const MOST_REFUSED = 24;
/** Customers remembered that are asked for one by one; beyond, remembering begins anew. */
const MOST_ALONE = 1_000;

/** Entitlement is away, or says nothing that can be used. */
export class OveragesUnknown extends Error {
  override readonly name = 'OveragesUnknown';
}

/** What entitlement says of a period, or that it does not say. */
export type PassedOf = readonly Overage[] | OveragesUnknown;

/** It answered, and not with what was asked for: of less it may. */
class Refused extends Error {
  override readonly name = 'Refused';
}

/** One turn: what is known by now, and what may yet be refused. */
interface Turn {
  readonly known: Map<PeriodKey, PassedOf>;
  left: number;
}

/**
 * Asks entitlement what the limits counted: the rows that people read, so that a bill is compared
 * with what the limits themselves say, and not with what this service makes of their tables. Many
 * customers at once: asked one by one, 10,000 of them made closing three times as long.
 *
 * A question that is refused is asked again by halves, so a customer whose limits can't be added up
 * keeps no other waiting; it is remembered, and asked for alone from then on.
 */
export class OveragesClient {
  /** By project and customer. */
  private readonly alone = new Set<string>();

  constructor(
    private readonly url: string,
    private readonly secret: string,
  ) {}

  /** Limits that allow and were passed, in the windows that touch each period; in its order. */
  async passed(of: readonly PeriodKey[]): Promise<PassedOf[]> {
    const turn: Turn = { known: new Map(), left: MOST_REFUSED };
    const [single, many] = [true, false].map((isAlone) =>
      of.filter((one) => this.alone.has(nameOf(one)) === isAlone),
    ) as [PeriodKey[], PeriodKey[]];
    const questions = [...byProject(many).flatMap(inParts), ...single.map((one) => [one])];
    const next = questions.values();
    const ask = async (): Promise<void> => {
      for (const question of next) await this.settle(question, turn);
    };
    await Promise.all(Array.from({ length: ASKED_AT_ONCE }, ask));
    return of.map((one) => turn.known.get(one) ?? NOT_ASKED);
  }

  private async settle(question: readonly PeriodKey[], turn: Turn): Promise<void> {
    if (turn.left <= 0) return;
    const answer = await this.answer(question);
    if (!(answer instanceof Error)) {
      for (const [at, one] of question.entries()) {
        turn.known.set(one, answer[at] ?? new OveragesUnknown('there is no such customer'));
        this.alone.delete(nameOf(one));
      }
      return;
    }
    turn.left -= 1;
    const why = `entitlement did not say what passed the limits: ${answer.message}`;
    for (const one of question) turn.known.set(one, new OveragesUnknown(why));
    if (!(answer instanceof Refused)) return;
    if (question.length === 1) return this.remember(question[0]);
    const half = Math.ceil(question.length / 2);
    await this.settle(question.slice(0, half), turn);
    await this.settle(question.slice(half), turn);
  }

  private remember(one: PeriodKey | undefined): void {
    if (this.alone.size >= MOST_ALONE) this.alone.clear();
    if (one) this.alone.add(nameOf(one));
  }

  /** Of customers of one project; in their order, null for one that is not there. */
  private async answer(question: readonly PeriodKey[]): Promise<(Overage[] | null)[] | Error> {
    const caller = { scopes: ['read'], keyId: 'aggregator', actor: 'service:aggregator' };
    const project = question[0]?.project ?? '';
    const body: PassedLimitsQuestion = {
      of: question.map(({ customer, period: { from, to } }) => {
        return { customer, from: new Date(from).toISOString(), to: new Date(to).toISOString() };
      }),
    };
    try {
      const response = await fetch(new URL('/internal/passed-limits', this.url), {
        method: 'POST',
        headers: {
          [CALLER_HEADER]: signCaller({ ...caller, project, operator: false }, this.secret),
          'content-type': 'application/json',
        },
        body: JSON.stringify(body),
        signal: AbortSignal.timeout(OVERAGES_DEADLINE_MS),
      });
      if (!response.ok) return new Refused(`it answered ${response.status}`);
      const { data } = passedLimitsAnswer.parse(await response.json());
      if (data.length === question.length) return data;
      return new Refused(`it answered for ${data.length} of ${question.length} customers`);
    } catch (error) {
      return error instanceof Error ? error : new Error(String(error));
    }
  }
}

const NOT_ASKED = new OveragesUnknown('entitlement refused too much to be asked on');
const nameOf = ({ project, customer }: PeriodKey): string => JSON.stringify([project, customer]);

function byProject(of: readonly PeriodKey[]): PeriodKey[][] {
  const found = new Map<string, PeriodKey[]>();
  for (const one of of) {
    const those = found.get(one.project);
    if (those) those.push(one);
    else found.set(one.project, [one]);
  }
  return [...found.values()];
}

function inParts(of: readonly PeriodKey[]): PeriodKey[][] {
  const count = Math.ceil(of.length / MOST_ASKED_CUSTOMERS);
  const size = Math.ceil(of.length / count);
  return Array.from({ length: count }, (_, at) => of.slice(at * size, (at + 1) * size));
}
