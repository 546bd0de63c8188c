import { type EventsAccepted } from '@tallyward/contracts';
import { Problem, type Entry } from '@tallyward/platform';
import type { Identity } from '../access/authenticate';
import { overloaded } from '../access/guard-requests';
import { GatewayEvents } from '../events';
import { gatewayProblem } from '../gateway-problem';
import { checkEvent, type Stamp } from './check-event';
import type { UsageLog } from './usage-log';

type Rejected = EventsAccepted['rejected'];

/** Checks and stamps the events of one request and puts them into the log. */
export class RecordUsage {
  constructor(
    private readonly usageLog: UsageLog,
    private readonly events: GatewayEvents,
    private readonly retryAfterSeconds: number,
  ) {}

  async record(events: readonly unknown[], identity: Identity): Promise<EventsAccepted | Problem> {
    const stamp = stampOf(identity);
    const entries: Entry[] = [];
    const rejected: Rejected = [];
    events.forEach((event, index) => {
      const checked = checkEvent(event, stamp);
      if (checked.kind === 'accepted') entries.push(checked.entry);
      else rejected.push({ index, id: checked.id, code: checked.code, detail: checked.detail });
    });
    this.events.eventsRejected(
      stamp.project,
      rejected.map(({ code }) => code),
    );
    if (entries.length === 0) return noneAccepted(rejected);
    return (await this.unkept(entries, stamp)) ?? { accepted: entries.length, rejected };
  }

  /** Undefined once the log has all of them. */
  private async unkept(entries: Entry[], stamp: Stamp): Promise<Problem | undefined> {
    const durability = await this.usageLog.append(entries);
    switch (durability.kind) {
      case 'acked':
        this.events.eventsAccepted(entries.length);
        return undefined;
      case 'overloaded':
        this.events.requestRefused('overloaded');
        return overloaded();
      case 'unknown':
        this.events.notDurable(stamp.project, entries.length, durability.reasons);
        return gatewayProblem('not-durable', {
          detail: 'The log did not say that it has the events; send the same ids again.',
          headers: { 'retry-after': String(this.retryAfterSeconds) },
        });
    }
  }
}

function stampOf({ project }: Identity): Stamp {
  return {
    project: project.project,
    catalogueVersion: project.version,
    latenessMs: project.latenessMs,
    models: project.models,
    receivedAt: Date.now(),
  };
}

function noneAccepted(rejected: Rejected): Problem {
  return gatewayProblem('events-rejected', {
    detail: rejected.length === 1 ? rejected[0]?.detail : 'Each has its reason in errors.',
    errors: rejected,
  } as Parameters<typeof gatewayProblem>[1]);
}
