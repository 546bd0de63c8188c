import {
  BATCH_CONTENT_TYPE,
  EVENT_CONTENT_TYPE,
  MAX_BATCH_EVENTS,
  MAX_JSON_DEPTH,
} from '@tallyward/contracts';
import type { Problem } from '@tallyward/platform';
import type { IncomingHttpHeaders } from 'node:http';
import { gatewayProblem } from '../gateway-problem';
import { binaryAttributes, isBinaryMode } from './binary-mode';
import { readJson } from './json-text';

/** CloudEvents' three modes of HTTP. */
export type EventMode = 'structured' | 'batch' | 'binary';

export const HOW_TO_SEND =
  `Send one event as ${EVENT_CONTENT_TYPE}, a batch as ${BATCH_CONTENT_TYPE}, or its attributes ` +
  'as ce- headers with data as application/json; in UTF-8, plain or with Content-Encoding gzip.';

/** Which mode a request is in; undefined where its content type is none of them. */
export function modeOf(headers: IncomingHttpHeaders): EventMode | undefined {
  const [type = '', ...parameters] = (headers['content-type'] ?? '').toLowerCase().split(';');
  const charset = parameters.map((each) => /^\s*charset\s*=\s*"?([^"\s]*)"?\s*$/.exec(each)?.[1]);
  if (charset.some((each) => each !== undefined && each !== 'utf-8')) return undefined;
  switch (type.trim()) {
    case EVENT_CONTENT_TYPE:
      return 'structured';
    case BATCH_CONTENT_TYPE:
      return 'batch';
    case 'application/json':
      return isBinaryMode(headers) ? 'binary' : undefined;
    default:
      return undefined;
  }
}

export type SentEvents =
  | { readonly kind: 'events'; readonly events: readonly unknown[] }
  | { readonly kind: 'problem'; readonly problem: Problem };

/** The events of a request, as they were sent: nothing about them is believed yet. */
export function sentEvents(
  mode: EventMode,
  headers: IncomingHttpHeaders,
  bytes: Buffer,
): SentEvents {
  const read = readJson(bytes, MAX_JSON_DEPTH + LEVELS_AROUND[mode]);
  if (read.kind === 'fault') return unreadable(read.detail);
  if (mode === 'batch') return batchOf(read.value);
  if (mode === 'structured') return { kind: 'events', events: [read.value] };
  const binary = binaryAttributes(headers);
  if (binary.kind === 'fault') return unreadable(binary.detail);
  return { kind: 'events', events: [{ ...binary.attributes, data: read.value }] };
}

/** Levels of the body's JSON beside those of an event: the batch's array; in binary, no event. */
const LEVELS_AROUND: Record<EventMode, number> = { structured: 0, batch: 1, binary: -1 };

function batchOf(value: unknown): SentEvents {
  if (!Array.isArray(value)) return unreadable('A batch is a JSON array of events.');
  if (value.length > MAX_BATCH_EVENTS) {
    const detail = `A batch holds at most ${MAX_BATCH_EVENTS} events.`;
    return { kind: 'problem', problem: gatewayProblem('too-many-events', { detail }) };
  }
  if (value.length === 0) {
    const detail = 'The batch holds no event.';
    return { kind: 'problem', problem: gatewayProblem('invalid', { detail }) };
  }
  return { kind: 'events', events: value };
}

function unreadable(detail: string): SentEvents {
  return { kind: 'problem', problem: gatewayProblem('bad-request', { detail }) };
}
