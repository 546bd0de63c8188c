import { EVENT_REJECTIONS, type EventRejection, USAGE_EVENT_TYPE } from '@tallyward/contracts';
import {
  amountsOf,
  type Call,
  HOLD_SOURCE,
  holdEventId,
  type HoldToken,
  HORIZON_MS,
  type SettledHold,
} from '@tallyward/domain';
import type { Entry } from '@tallyward/platform';
import { contentOf } from '../record-usage/event-content';
import { readData } from '../record-usage/read-data';
import { groupOf, type Stamp, usageEntry } from '../record-usage/usage-entry';

export type Settlement =
  | {
      readonly kind: 'settlement';
      readonly eventId: string;
      readonly entry: Entry;
      /** What the call really used, as limits see it. */
      readonly used: Call;
    }
  | { readonly kind: 'rejected'; readonly code: EventRejection; readonly detail: string };

/**
 * The usage event that settles a hold, of a body that nobody believes yet. Its time is the hold's
 * admission, so that it counts in the windows that the hold was taken from (PROTOCOL 9); older
 * than the horizon is too old, whatever lateness the project takes: what is held is counted.
 */
export function settlementOf(
  token: HoldToken,
  body: unknown,
  stamp: Stamp,
  settledBy: string,
): Settlement {
  const { customer, labels, admittedAt } = token;
  if (admittedAt < stamp.receivedAt - HORIZON_MS) return rejected('event-too-old');
  const read = readData(body);
  if (read.kind === 'fault') return rejected('event-invalid', read.detail);
  const eventId = holdEventId(token);
  const content = contentOf({
    specversion: '1.0',
    type: USAGE_EVENT_TYPE,
    source: HOLD_SOURCE,
    id: eventId,
    subject: customer,
    time: new Date(admittedAt).toISOString(),
    data: body,
  });
  if (content === null) return rejected('event-invalid', 'A number is too large.');
  const { model, workspace, user, role } = read.data;
  const own = {
    workspace: workspace ?? labels.workspace,
    user: user ?? labels.user,
    role: role ?? labels.role,
  };
  const envelope = { id: eventId, source: HOLD_SOURCE, subject: customer, time: admittedAt };
  const hold = settledHold(token, settledBy);
  return {
    kind: 'settlement',
    eventId,
    entry: usageEntry(envelope, { ...read.data, ...own }, content, stamp, hold),
    used: {
      modelGroup: groupOf(model, stamp),
      demand: amountsOf(read.data),
      scopes: { customer, ...own },
    },
  };
}

/** What a fold must know of the hold, so that it looks nothing up (PROTOCOL 17). */
function settledHold(token: HoldToken, settledBy: string): SettledHold {
  const { hold, gateway, tier, expiresAt, parts } = token;
  return {
    number: hold,
    gateway,
    settledBy,
    tier,
    expiresAt,
    parts: parts.map(({ lease, amount }) => ({ lease: String(lease), amount })),
  };
}

function rejected(code: EventRejection, detail: string = EVENT_REJECTIONS[code]): Settlement {
  return { kind: 'rejected', code, detail };
}
