import {
  encodeVoidEntry,
  VOID_ENTRY_TYPE,
  voidRequest,
  type VoidAccepted,
  type VoidRequest,
} from '@tallyward/contracts';
import { HORIZON_MS, partitionKey, type UsageVoid } from '@tallyward/domain';
import { type Entry, Problem, validate } from '@tallyward/platform';
import type { Identity } from '../access/authenticate';
import type { GatewayEvents } from '../events';
import { gatewayProblem } from '../gateway-problem';
import type { UsageTrail } from '../holds/usage-trail';
import type { KeepUsage } from '../record-usage/keep-usage';
import { noneAccepted } from '../record-usage/record-usage.service';

const SEND_AGAIN = 'The log did not say that it has the void; send it again, twice is once.';
const AWAY =
  'Whether the event is young enough to be voided can not be told now. Nothing was voided; send ' +
  'the same again.';
const TOO_OLD =
  'The event counted more than 35 days ago: a void does not reach it. Nothing was voided.';
/** How long the trail is waited for. */
const TRAIL_WITHIN_MS = 5_000;

/**
 * Puts the voids of events into the log. What one takes back is for the folds to find. No fold
 * remembers an event for longer than the horizon, so who asks for an older one is told here: the
 * void would wait for an event that never comes.
 */
export class VoidEvents {
  constructor(
    private readonly usage: Pick<KeepUsage, 'keep'>,
    private readonly trail: Pick<UsageTrail, 'timesOf'>,
    private readonly events: Pick<GatewayEvents, 'eventsRejected' | 'requestRefused'>,
  ) {}

  async take(body: unknown, { project, key }: Identity): Promise<VoidAccepted | Problem> {
    const read = validate(voidRequest, body, 'body');
    if (!read.ok) {
      this.events.requestRefused('unreadable');
      return read.problem;
    }
    const receivedAt = Date.now();
    const { subject: customer, source, id, reason } = read.value;
    const identity = { project: project.project, customer, source, id };
    const times = await this.trail.timesOf(identity, TRAIL_WITHIN_MS);
    if (times === null) return away();
    if (times.length > 0 && times.every((time) => receivedAt - time > HORIZON_MS)) {
      return this.tooOld(project.project, read.value);
    }
    const entry = voidEntryOf({ ...identity, reason, actor: key.name, receivedAt });
    const kept = await this.usage.keep([entry], project.project, SEND_AGAIN);
    return kept.kind === 'acked' ? { accepted: 1 } : kept.problem;
  }

  private tooOld(project: string, { id }: VoidRequest): Problem {
    this.events.eventsRejected(project, ['event-too-old']);
    return noneAccepted([{ index: 0, id, code: 'event-too-old', detail: TOO_OLD }]);
  }
}

function away(): Problem {
  return gatewayProblem('service-unavailable', {
    detail: AWAY,
    headers: { 'retry-after': '1' },
  });
}

/** Under the key of its event, so that the two meet in one partition. */
function voidEntryOf(voids: UsageVoid): Entry {
  const { project, customer, source, id, receivedAt } = voids;
  return {
    key: partitionKey(project, customer),
    value: encodeVoidEntry(voids),
    headers: {
      ce_specversion: '1.0',
      ce_id: `void:${id}`,
      ce_type: VOID_ENTRY_TYPE,
      ce_source: source,
      ce_subject: customer,
      ce_time: new Date(receivedAt).toISOString(),
    },
  };
}
