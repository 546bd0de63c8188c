import { SESSION_COOKIE } from '@tallyward/contracts';
import type { IncomingHttpHeaders } from 'node:http';
import { isIP } from 'node:net';

/** The Set-Cookie that gives a browser its session for so many seconds; 0 takes it back. */
export function sessionCookie(
  value: string,
  maxAgeSeconds: number,
  headers: IncomingHttpHeaders,
): string {
  return [
    `${SESSION_COOKIE}=${value}`,
    'Path=/',
    `Max-Age=${maxAgeSeconds}`,
    'HttpOnly',
    'SameSite=Strict',
    ...(isPlain(headers) ? [] : ['Secure']),
  ].join('; ');
}

/**
 * Plain http to this machine or to a bare address, as when somebody tries it out. A name is never
 * taken for that, nor what a proxy says it got over https.
 */
function isPlain({ host = '', ...headers }: IncomingHttpHeaders): boolean {
  if (String(headers['x-forwarded-proto'] ?? 'http').toLowerCase() !== 'http') return false;
  const name = host
    .replace(/:\d+$/, '')
    .replace(/^\[(.*)\]$/, '$1')
    .toLowerCase();
  return name === 'localhost' || name.endsWith('.localhost') || isIP(name) !== 0;
}
