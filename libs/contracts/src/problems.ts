import { z } from 'zod';

/** Every problem Tallyward answers with: code → HTTP status and title (RFC 9457). */
export const PROBLEMS = {
  'bad-request': [400, 'The request can not be read'],
  unauthenticated: [401, 'No valid API key'],
  forbidden: [403, 'The key may not do this'],
  'csrf-failed': [403, 'The session’s request does not come from our own page'],
  'scope-missing': [403, 'A customer’s token may not do this'],
  'not-this-customer': [403, 'The token is another customer’s'],
  'not-found': [404, 'There is no such thing'],
  'hold-not-found': [404, 'There is no such hold'],
  'method-not-allowed': [405, 'The address does not take this method'],
  conflict: [409, 'The change contradicts the present state'],
  'tier-version-in-use': [409, 'The tier version is frozen: a customer has had it'],
  'hold-settled': [409, 'The hold is settled, or may be'],
  'body-too-large': [413, 'The body is too large'],
  'too-many-events': [413, 'Too many events in one request'],
  'unsupported-media-type': [415, 'The content type is not taken here'],
  invalid: [422, 'The request is understood, but can not be taken'],
  'events-rejected': [422, 'No event was accepted'],
  'hold-too-long': [422, 'A hold of this call would not fit into its id'],
  'idempotency-key-reused': [422, 'The idempotency key was used with another body'],
  'too-many-rows': [422, 'The answer would have too many rows'],
  overloaded: [429, 'Too much at once'],
  'internal-error': [500, 'Tallyward failed'],
  'service-unavailable': [503, 'A part of Tallyward is away'],
  'folds-behind': [503, 'The stores have not come as far as the log'],
  'not-durable': [503, 'Not known to be in the log'],
} as const satisfies Record<string, readonly [number, string]>;
export type ProblemCode = keyof typeof PROBLEMS;

export const problem = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.number().int(),
    code: z.string(),
    detail: z.string().optional(),
    requestId: z.string(),
    errors: z.array(z.looseObject({ code: z.string(), detail: z.string() })).optional(),
  })
  .meta({ id: 'Problem', description: 'RFC 9457 problem details.' });
export type ProblemBody = z.infer<typeof problem>;
