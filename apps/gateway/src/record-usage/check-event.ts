import {
  EVENT_REJECTIONS,
  type EventRejection,
  isName,
  USAGE_EVENT_TYPE,
} from '@tallyward/contracts';
import { AHEAD_MS, HOLD_SOURCE } from '@tallyward/domain';
import type { Entry } from '@tallyward/platform';
import { contentOf, type SentEvent } from './event-content';
import { eventTime } from './event-time';
import { readData } from './read-data';
import { type Envelope, type Stamp, usageEntry } from './usage-entry';

export type CheckedEvent =
  | { readonly kind: 'accepted'; readonly entry: Entry }
  | {
      readonly kind: 'rejected';
      readonly id: string | null;
      readonly code: EventRejection;
      readonly detail: string;
    };

/** Looks at one event as a client sent it: an entry for the log, or why there is none. */
export function checkEvent(event: unknown, stamp: Stamp): CheckedEvent {
  if (!isObject(event)) return rejected(null, 'event-invalid', 'An event is a JSON object.');
  const id = isName(event['id']) ? event['id'] : null;
  const envelope = checkEnvelope(event, stamp);
  if ('code' in envelope) return rejected(id, envelope.code, envelope.detail);
  const read = readData(event['data']);
  if (read.kind === 'fault') return rejected(id, 'event-invalid', read.detail);
  const content = contentOf(event);
  if (content === null) return rejected(id, 'event-invalid', 'A number is too large.');
  return { kind: 'accepted', entry: usageEntry(envelope, read.data, content, stamp) };
}

interface Fault {
  readonly code: EventRejection;
  readonly detail: string;
}

function checkEnvelope(event: SentEvent, stamp: Stamp): Envelope | Fault {
  const { specversion, type, id, source, subject } = event;
  if (specversion !== '1.0') return invalid('specversion: must be "1.0"');
  if (type !== USAGE_EVENT_TYPE) return fault('event-type-unknown');
  if (!isName(id)) return invalid(`id: ${NAME_RULE}`);
  if (!isName(source)) return invalid(`source: ${NAME_RULE}`);
  if (source === HOLD_SOURCE) return fault('source-reserved');
  if (!isName(subject)) return invalid(`subject (the customer): ${NAME_RULE}`);
  if (event['data_base64'] !== undefined) return invalid('data_base64: send data as JSON');
  if (!isJson(event['datacontenttype'])) return invalid('datacontenttype: must be JSON');
  const time = checkTime(event['time'], stamp);
  return typeof time === 'number' ? { id, source, subject, time } : time;
}

/** Absent, `application/json` or a `+json` type, parameters aside. */
function isJson(type: unknown): boolean {
  if (type === undefined || type === null) return true;
  return typeof type === 'string' && /^application\/([\w.+-]+\+)?json\s*(;|$)/i.test(type);
}

const NAME_RULE = 'must be well-formed text of 1 to 128 UTF-8 bytes without NUL';

function checkTime(given: unknown, stamp: Stamp): number | Fault {
  if (given === undefined || given === null) return fault('time-missing');
  const time = typeof given === 'string' ? eventTime(given) : null;
  if (time === null) return invalid('time: must be an RFC 3339 instant that exists');
  if (time < stamp.receivedAt - stamp.latenessMs) return fault('event-too-old');
  if (time > stamp.receivedAt + AHEAD_MS) return fault('event-in-future');
  return time;
}

function isObject(value: unknown): value is SentEvent {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function fault(code: EventRejection): Fault {
  return { code, detail: EVENT_REJECTIONS[code] };
}

function invalid(detail: string): Fault {
  return { code: 'event-invalid', detail };
}

function rejected(id: string | null, code: EventRejection, detail: string): CheckedEvent {
  return { kind: 'rejected', id, code, detail };
}
