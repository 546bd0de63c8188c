import { z } from 'zod';
import {
  eventsAccepted,
  MAX_BATCH_EVENTS,
  usageCloudEvent,
  usageData,
  USAGE_EVENT_TYPE,
} from '../cloud-event';
import type { RouteDeclaration } from './route';

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
] as const satisfies readonly RouteDeclaration[];
