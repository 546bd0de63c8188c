import { type EventsAccepted } from '@tallyward/contracts';
import { type Entry, Problem } from '@tallyward/platform';
import type { Identity } from '../access/authenticate';
import { GatewayEvents } from '../events';
import { gatewayProblem } from '../gateway-problem';
import { checkEvent } from './check-event';
import type { KeepUsage } from './keep-usage';
import { stampOf } from './usage-entry';

export type Rejected = EventsAccepted['rejected'];

const SEND_AGAIN = 'The log did not say that it has the events; send the same ids again.';

/** Checks and stamps the events of one request and puts them into the log. */
export class RecordUsage {
  constructor(
    private readonly usage: KeepUsage,
    private readonly events: GatewayEvents,
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
    const kept = await this.usage.keep(entries, stamp.project, SEND_AGAIN);
    return kept.kind === 'acked' ? { accepted: entries.length, rejected } : kept.problem;
  }
}

export function noneAccepted(rejected: Rejected): Problem {
  return gatewayProblem('events-rejected', {
    detail: rejected.length === 1 ? rejected[0]?.detail : 'Each has its reason in errors.',
    errors: rejected,
  } as Parameters<typeof gatewayProblem>[1]);
}
