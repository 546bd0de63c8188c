import type { SentEvent } from '@tallyward/testing';

/** Units that the model follows; the other ones are 0 in the stream, and reconcile compares all. */
export interface Sums {
  readonly calls: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
}

export const NOTHING: Sums = { calls: 0, inputTokens: 0, outputTokens: 0 };

export const plus = (a: Sums, b: Sums): Sums => ({
  calls: a.calls + b.calls,
  inputTokens: a.inputTokens + b.inputTokens,
  outputTokens: a.outputTokens + b.outputTokens,
});

/** Of one project and customer; names of the stream hold no slash. */
export const accountOf = (project: string, customer: string): string => `${project}/${customer}`;

/** What was sent, by name: whose it is, its id, and its content. Another content is another. */
export const eventOf = (
  account: string,
  id: string,
  { inputTokens, outputTokens }: Omit<Sums, 'calls'>,
): string => `${account}/${id}/${inputTokens}-${outputTokens}`;

interface Known {
  readonly account: string;
  readonly sums: Sums;
}

/**
 * What was sent and acked, told by the clients alone: it knows nothing of folds. An event counts
 * from its first ack on, once, with the content it had first; with another, it is set aside.
 */
export class Truth {
  private readonly events = new Map<string, Known>();
  private readonly confirmed = new Set<string>();
  private readonly conflicts = new Set<string>();

  sent(project: string, event: SentEvent): void {
    const { name, ...known } = named(project, event);
    if (!this.events.has(name)) this.events.set(name, known);
  }

  acked(project: string, event: SentEvent): void {
    this.confirmed.add(named(project, event).name);
  }

  /** An id that counted before, acked with another content. */
  conflicted(project: string, event: SentEvent): void {
    this.conflicts.add(named(project, event).name);
  }

  /** Names of acked events that count. */
  get acks(): ReadonlySet<string> {
    return this.confirmed;
  }

  /** Names of acked events that must not count, and be set aside. */
  get ackedConflicts(): ReadonlySet<string> {
    return this.conflicts;
  }

  /** What may be there without an ack: sent, and never answered. */
  get open(): ReadonlySet<string> {
    return new Set([...this.events.keys()].filter((event) => !this.confirmed.has(event)));
  }

  /** It was sent to be counted: wherever the log has it, nothing is set aside. */
  mayCount(event: string): boolean {
    return this.events.has(event);
  }

  /** By account, what is to be counted. */
  expected(): Map<string, Sums> {
    const sums = new Map<string, Sums>();
    for (const event of this.confirmed) {
      const known = this.events.get(event);
      if (!known) throw new Error(`acked, but never sent: ${event}`);
      sums.set(known.account, plus(sums.get(known.account) ?? NOTHING, known.sums));
    }
    return sums;
  }
}

function named(project: string, { subject, id, data }: SentEvent): Known & { name: string } {
  const account = accountOf(project, subject);
  const { inputTokens = 0, outputTokens = 0 } = data;
  const sums = { calls: 1, inputTokens, outputTokens };
  return { account, sums, name: eventOf(account, id, sums) };
}
