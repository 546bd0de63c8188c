import { z } from 'zod';
import { eventsExportQuery, focusExportQuery } from '../exports';
import type { RouteDeclaration } from './route';

const WHOLE =
  'Streamed. An export that fails on its way breaks the connection off, so that a part never ' +
  'passes for the whole: take the file only where the transfer ended well (curl: exit code 0). ' +
  'Wants HTTP/1.1 or later: over HTTP/1.0 that can not be seen.';

export const EXPORT_ROUTES = [
  {
    id: 'exportEvents',
    method: 'GET',
    path: '/v1/exports/events',
    owner: 'aggregator',
    access: 'read',
    summary:
      'Every event that counts, of any number: CSV, or JSON lines where Accept asks for them.',
    description:
      `${WHOLE} By customer and time; as of one instant (header x-tallyward-as-of: every event ` +
      'acked before it is in). Its sums are those of GET /v1/usage over the same span. Has 300 s: ' +
      'cut a longer one by time or customer. A project has two at once; a further one is 429.',
    query: eventsExportQuery,
    answer: {
      status: 200,
      description: 'One row an event; tags are one JSON object.',
      contents: {
        'text/csv': { schema: z.string() },
        'application/x-ndjson': { schema: z.string() },
      },
    },
    problems: [],
  },
  {
    id: 'exportFocus',
    method: 'GET',
    path: '/v1/exports/focus',
    owner: 'aggregator',
    access: 'read',
    summary: 'The lines of the bill as FOCUS 1.2 usage rows, at their latest revision, in CSV.',
    description:
      `${WHOLE} Lines of the closed periods that begin in [from, to), so that exports of ` +
      'neighbouring spans share none. Tallyward knows no prices: every cost is 0 and the currency ' +
      'is XXX. Units overlap (tokens = inputTokens + outputTokens): sum within one ConsumedUnit.',
    query: focusExportQuery,
    answer: {
      status: 200,
      description: 'One row a line.',
      contents: { 'text/csv': { schema: z.string() } },
    },
    problems: [],
  },
] as const satisfies readonly RouteDeclaration[];
