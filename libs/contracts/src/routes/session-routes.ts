import { CSRF_HEADER, session, sessionRequest } from '../session';
import { json, type RouteDeclaration } from './route';

export const SESSION_ROUTES = [
  {
    id: 'openSession',
    method: 'POST',
    path: '/v1/session',
    owner: 'gateway',
    access: 'open',
    summary: 'Sign in a browser with an API key: a cookie stands for the key for 12 hours.',
    description:
      'The cookie ends with its key. What it sends but GET and HEAD carries the header ' +
      `\`${CSRF_HEADER}\` with the \`csrf\` of the answer, from pages of this host alone.`,
    body: json(sessionRequest, { key: `tw_0123456789abcdef_${'A'.repeat(43)}` }),
    answer: { status: 200, description: 'Signed in.', contents: json(session) },
    problems: ['unauthenticated', 'csrf-failed', 'overloaded', 'service-unavailable'],
  },
  {
    id: 'readSession',
    method: 'GET',
    path: '/v1/session',
    owner: 'gateway',
    access: 'any',
    ofCustomer: true,
    summary: 'Who is signed in: of the cookie, or of an Authorization header.',
    answer: { status: 200, description: 'Signed in.', contents: json(session) },
    problems: [],
  },
  {
    id: 'endSession',
    method: 'DELETE',
    path: '/v1/session',
    owner: 'gateway',
    access: 'any',
    summary: 'Sign out: takes the cookie back.',
    answer: { status: 204, description: 'Signed out.', contents: {} },
    problems: ['csrf-failed'],
  },
] as const satisfies readonly RouteDeclaration[];
