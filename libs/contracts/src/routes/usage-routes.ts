import { z } from 'zod';
import {
  eventsAccepted,
  MAX_BATCH_EVENTS,
  usageCloudEvent,
  usageData,
  USAGE_EVENT_TYPE,
} from '../cloud-event';
import { voidAccepted, voidRequest } from '../void-entry';
import { json, type RouteDeclaration } from './route';

export const EVENT_CONTENT_TYPE = 'application/cloudevents+json';
export const BATCH_CONTENT_TYPE = 'application/cloudevents-batch+json';

const data = {
  model: 'gpt-4o',
  inputTokens: 374,
  outputTokens: 44,
  workspace: 'emea',
  user: 'u-17',
  role: 'analyst',
  tags: { feature: 'summarise' },
};
const event = {
  specversion: '1.0',
  id: 'call-81f2',
  source: 'chat-app',
  type: USAGE_EVENT_TYPE,
  subject: 'acme',
  time: '2026-11-21T10:15:30.123Z',
  data,
};

const attribute = (what: string) =>
  z
    .string()
    .optional()
    .meta({ description: `Binary mode: ${what}, percent-encoded.` });

/** CloudEvents' binary mode: the attributes in headers, `data` as the body. */
const binaryHeaders = z.object({
  'ce-specversion': attribute('1.0'),
  'ce-id': attribute('the id'),
  'ce-source': attribute('the source'),
  'ce-type': attribute(`the type, ${USAGE_EVENT_TYPE}`),
  'ce-subject': attribute('the customer'),
  'ce-time': attribute('when the call was made, RFC 3339'),
});

export const USAGE_ROUTES = [
  {
    id: 'recordUsage',
    method: 'POST',
    path: '/v1/events',
    owner: 'gateway',
    access: 'ingest',
    summary: 'Record usage: one event, or up to 1,000.',
    description:
      'One event is one call. Answered once the log has the accepted events. An event counts ' +
      'once, however often it is sent: identity is (project, subject, source, id). After a 503 ' +
      'or a broken connection send the same ids again.',
    headers: binaryHeaders,
    body: {
      [EVENT_CONTENT_TYPE]: { schema: usageCloudEvent, example: event },
      [BATCH_CONTENT_TYPE]: {
        schema: z.array(usageCloudEvent).min(1).max(MAX_BATCH_EVENTS),
        example: [event, { ...event, id: 'call-81f3' }],
      },
      'application/json': { schema: usageData, example: data },
    },
    answer: {
      status: 202,
      description: 'The log has the accepted events; the rejected ones are named.',
      contents: {
        'application/json': { schema: eventsAccepted, example: { accepted: 2, rejected: [] } },
      },
    },
    problems: ['too-many-events', 'events-rejected', 'not-durable'],
  },
  {
    id: 'voidEvent',
    method: 'POST',
    path: '/v1/events/void',
    owner: 'gateway',
    access: 'admin',
    summary: 'Void an event: it is not to count.',
    description:
      'Takes back all that the event counted, in totals, limits, reports and bills (a period that ' +
      'is closed gets a later revision). Works whether the event comes before its void or after ' +
      'it; twice is once, and a voided event sent again stays voided. To correct usage, void it ' +
      'and send it under another id. Reaches events whose time is at most 35 days back. Windows ' +
      'of a minute, and such that begin with their first use, keep what they counted.',
    body: json(voidRequest, {
      subject: 'acme',
      source: 'chat-app',
      id: 'call-81f2',
      reason: 'reported twice under two ids',
    }),
    answer: {
      status: 202,
      description: 'The log has the void.',
      contents: json(voidAccepted, { accepted: 1 }),
    },
    problems: ['events-rejected', 'not-durable'],
  },
] as const satisfies readonly RouteDeclaration[];
