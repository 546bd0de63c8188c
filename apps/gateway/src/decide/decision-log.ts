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
/** Nobody waits for these, so an outage of the log as long as a broker's restart loses none. */
const APPEND_DEADLINE_MS = 30_000;
/** The longest that a decision waits for company on its way to the log. */
const GATHER_MS = 20;
/** Losses are told as one line in this time. */
export const TELL_EVERY_MS = 1_000;
const SOURCE = 'tallyward/gateway';

/**
 * Puts what was decided into the decision log, behind the answer's back: a decision neither waits
 * for the log nor fails with it. A log that is away loses decisions, never a caller's answer.
 */
@Injectable()
export class DecisionLog implements BeforeApplicationShutdown {
  private readonly appender: Appender;
  private gathered: DecisionRecorded[] = [];
  private waiting = 0;
  private gathering: NodeJS.Timeout | undefined;
  private losses: Partial<Record<DecisionLoss, number>> = {};
  private telling: NodeJS.Timeout | undefined;

  constructor(
    @Inject(LOG_PORT) log: Log,
    private readonly events: GatewayEvents,
  ) {
    const { name, partitions } = TOPICS.quotaDecisions;
    this.appender = log.appender({
      partitions: { [name]: partitions },
      limits: {
        maxQueuedEntries: MAX_WAITING_DECISIONS,
        maxQueuedBytes: MAX_WAITING_BYTES,
        appendDeadlineMs: APPEND_DEADLINE_MS,
      },
    });
  }

  /** For every answer but a plain allow. Never throws and never waits; what is lost is counted. */
  record(entry: DecisionRecorded): void {
    if (this.waiting >= MAX_WAITING_DECISIONS) return this.lose('queue-full');
    this.waiting += 1;
    this.gathered.push(entry);
    this.gathering ??= setTimeout(() => this.send(), GATHER_MS);
  }

  /** What is gathered goes to the appender, which the log waits for as it closes. */
  beforeApplicationShutdown(): void {
    this.send();
    this.tell();
  }

  private send(): void {
    clearTimeout(this.gathering);
    this.gathering = undefined;
    const gathered = this.gathered;
    if (gathered.length === 0) return;
    this.gathered = [];
    const entries = gathered.flatMap((decision) => this.entryOf(decision) ?? []);
    this.waiting -= gathered.length - entries.length;
    void this.append(entries);
  }

  private entryOf(decision: DecisionRecorded): Entry | undefined {
    try {
      return decisionEntry(decision);
    } catch {
      this.lose('unwritable');
      return undefined;
    }
  }

  private async append(entries: Entry[]): Promise<void> {
    try {
      const outcomes = await this.appender.append(TOPICS.quotaDecisions.name, entries);
      for (const outcome of outcomes) this.note(outcome);
    } catch {
      // The topic is not what was declared; the log's own health says so.
      for (const _ of entries) this.lose('refused');
    } finally {
      this.waiting -= entries.length;
    }
  }

  private note({ kind }: AppendOutcome): void {
    if (kind !== 'acked') this.lose(kind);
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
