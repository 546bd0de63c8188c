import { z } from 'zod';
import type { RouteDeclaration } from './route';

export const STREAM_ROUTES = [
  {
    id: 'streamChanges',
    method: 'GET',
    path: '/v1/stream',
    owner: 'gateway',
    access: 'read',
    ofCustomer: true,
    summary: 'Server-sent events: says what has changed, so that a page knows when to read anew.',
    description:
      'Event `changed`, data `{"kinds":["usage"],"at":"…"}`, at most every 2 s; once more some ' +
      'seconds after usage or decisions, when what was logged is in reports too. A comment line ' +
      'every 15 s. Ends with its credential. Nothing is repeated after a lost connection: read anew.',
    answer: {
      status: 200,
      description: 'Events, until either side ends it.',
      contents: { 'text/event-stream': { schema: z.string() } },
    },
    problems: ['bad-request'],
  },
] as const satisfies readonly RouteDeclaration[];
