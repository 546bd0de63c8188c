import { Inject, Injectable, type BeforeApplicationShutdown } from '@nestjs/common';
import { DECISION_ENTRY_TYPE, TOPICS, type DecisionRecorded } from '@tallyward/contracts';
import { partitionKey } from '@tallyward/domain';
import { type Appender, type AppendOutcome, type Entry, type Log } from '@tallyward/platform';
import { GatewayEvents, type DecisionLoss } from '../events';
import { LOG_PORT } from '../resources';

/** Decisions that wait for the log at once; those above are lost, and counted. */
export const MAX_WAITING_DECISIONS = 10_000;
/** What waits is some kilobytes a decision: the appender's own bound, should they be larger. */
const MAX_WAITING_BYTES = 32 * 1024 * 1024;
/** The longest that a decision waits for company on its way to the log. */
const GATHER_MS = 5;
/**
 * Appends of one decision; each ends within the appender's own 8 s. So an outage of the log of a
 * minute loses none, and a process that stops waits for one append at most.
 */
export const MAX_APPENDS = 8;
/** Pause before what the log did not take is appended again. */
export const AGAIN_AFTER_MS = 1_000;
/** Losses are told as one line in this time. */
export const TELL_EVERY_MS = 1_000;
const SOURCE = 'tallyward/gateway';

interface Waiting {
  readonly entry: Entry;
  readonly appends: number;
}

/**
 * Puts what was decided into the decision log, behind the answer's back: a decision neither waits
 * for the log nor fails with it. A log that is away loses decisions, never a caller's answer. One
 * that was appended twice is folded once, by its id.
 */
@Injectable()
export class DecisionLog implements BeforeApplicationShutdown {
  private readonly appender: Appender;
  private gathered: DecisionRecorded[] = [];
  private waiting = 0;
  private gathering: NodeJS.Timeout | undefined;
  /** What the log did not take, and gets again. */
  private pausing: Waiting[] = [];
  private pause: NodeJS.Timeout | undefined;
  private losses: Partial<Record<DecisionLoss, number>> = {};
  private telling: NodeJS.Timeout | undefined;
  private isStopping = false;

  constructor(
    @Inject(LOG_PORT) log: Log,
    private readonly events: GatewayEvents,
  ) {
    const { name, partitions } = TOPICS.quotaDecisions;
    this.appender = log.appender({
      partitions: { [name]: partitions },
      limits: { maxQueuedEntries: MAX_WAITING_DECISIONS, maxQueuedBytes: MAX_WAITING_BYTES },
    });
  }

  /** For every answer but a plain allow. Never throws and never waits; what is lost is counted. */
  record(entry: DecisionRecorded): void {
    if (this.waiting >= MAX_WAITING_DECISIONS) return this.lose('queue-full');
    this.waiting += 1;
    this.gathered.push(entry);
    if (this.isStopping) return this.passOn();
    this.gathering ??= setTimeout(() => this.passOn(), GATHER_MS);
  }

  /** What waits goes to the appender once more, which the log waits for as it closes. */
  beforeApplicationShutdown(): void {
    this.isStopping = true;
    this.passOn();
    this.repeat();
    this.tell();
  }

  private passOn(): void {
    clearTimeout(this.gathering);
    this.gathering = undefined;
    const gathered = this.gathered;
    this.gathered = [];
    const entries = gathered.flatMap((decision) => this.entryOf(decision) ?? []);
    void this.append(entries.map((entry) => ({ entry, appends: 1 })));
  }

  private entryOf(decision: DecisionRecorded): Entry | undefined {
    try {
      return decisionEntry(decision);
    } catch {
      this.done('unwritable');
      return undefined;
    }
  }

  private async append(waiting: readonly Waiting[]): Promise<void> {
    if (waiting.length === 0) return;
    const entries = waiting.map(({ entry }) => entry);
    const outcomes = await this.appended(entries);
    const again = waiting.filter((one, at) => this.isToRepeat(one, outcomes[at]));
    if (this.isStopping) return this.tell();
    if (again.length === 0) return;
    this.pausing.push(...again);
    this.pause ??= setTimeout(() => this.repeat(), AGAIN_AFTER_MS).unref();
  }

  private async appended(entries: Entry[]): Promise<AppendOutcome[]> {
    try {
      return await this.appender.append(TOPICS.quotaDecisions.name, entries);
    } catch {
      // The topic is not what was declared: no further append would mend it.
      return entries.map(() => ({ kind: 'refused', reason: 'closed' }));
    }
  }

  private repeat(): void {
    clearTimeout(this.pause);
    this.pause = undefined;
    const waiting = this.pausing;
    this.pausing = [];
    void this.append(waiting.map(({ entry, appends }) => ({ entry, appends: appends + 1 })));
  }

  /** False where it is done with, in the log or lost. */
  private isToRepeat({ appends }: Waiting, outcome: AppendOutcome | undefined): boolean {
    if (outcome?.kind === 'acked') {
      this.done();
      return false;
    }
    const reason = outcome?.kind === 'refused' ? outcome.reason : 'unknown';
    const mayPass = reason !== 'too-large' && reason !== 'closed';
    if (mayPass && appends < MAX_APPENDS && !this.isStopping) return true;
    this.done(reason === 'unknown' ? 'unknown' : 'refused');
    return false;
  }

  private done(lost?: DecisionLoss): void {
    this.waiting -= 1;
    if (lost) this.lose(lost);
  }

  private lose(reason: DecisionLoss): void {
    this.events.decisionLost(reason);
    this.losses[reason] = (this.losses[reason] ?? 0) + 1;
    this.telling ??= setTimeout(() => this.tell(), TELL_EVERY_MS).unref();
  }

  private tell(): void {
    clearTimeout(this.telling);
    this.telling = undefined;
    if (Object.keys(this.losses).length === 0) return;
    this.events.decisionsWereLost(this.losses);
    this.losses = {};
  }
}

/** Header values are ASCII: a name of any script is percent-encoded, as CloudEvents asks. */
function decisionEntry(decision: DecisionRecorded): Entry {
  const { project, customer, decisionId, decidedAt } = decision;
  return {
    key: partitionKey(project, customer),
    value: JSON.stringify(decision),
    headers: {
      ce_specversion: '1.0',
      ce_id: decisionId,
      ce_type: DECISION_ENTRY_TYPE,
      ce_source: SOURCE,
      ce_subject: encodeURIComponent(customer),
      ce_time: decidedAt,
      'content-type': 'application/json',
    },
  };
}
