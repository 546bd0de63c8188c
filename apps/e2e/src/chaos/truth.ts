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
export const identityOf = (project: string, customer: string, id: string): string =>
  `${accountOf(project, customer)}/${id}`;

interface Known {
  readonly account: string;
  readonly sums: Sums;
}

/**
 * What was sent and acked, told by the clients alone: it knows nothing of folds. An event counts
 * from its first ack on, once, with the content it had first.
 */
export class Truth {
  private readonly events = new Map<string, Known>();
  private readonly confirmed = new Set<string>();

  sent(project: string, { subject, id, data }: SentEvent): void {
    const identity = identityOf(project, subject, id);
    if (this.events.has(identity)) return;
    const { inputTokens = 0, outputTokens = 0 } = data;
    const sums = { calls: 1, inputTokens, outputTokens };
    this.events.set(identity, { account: accountOf(project, subject), sums });
  }

  acked(project: string, { subject, id }: SentEvent): void {
    this.confirmed.add(identityOf(project, subject, id));
  }

  /** Identities of acked events. */
  get acks(): ReadonlySet<string> {
    return this.confirmed;
  }

  /** What may be there without an ack: sent, and never answered. */
  get open(): ReadonlySet<string> {
    return new Set([...this.events.keys()].filter((identity) => !this.confirmed.has(identity)));
  }

  /** By account, what is to be counted. */
  expected(): Map<string, Sums> {
    const sums = new Map<string, Sums>();
    for (const identity of this.confirmed) {
      const known = this.events.get(identity);
      if (!known) throw new Error(`acked, but never sent: ${identity}`);
      sums.set(known.account, plus(sums.get(known.account) ?? NOTHING, known.sums));
    }
    return sums;
  }
}
