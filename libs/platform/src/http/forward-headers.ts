import { context, propagation } from '@opentelemetry/api';
import type { IncomingHttpHeaders, OutgoingHttpHeaders } from 'node:http';

/** Headers that speak of one connection, not of the request (RFC 9110, 7.6.1). */
const HOP_BY_HOP = [
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'http2-settings',
  'expect',
];
/** What the gateway answered for itself, and no service behind it needs to see. */
const CREDENTIALS = ['authorization', 'cookie', 'host'];
const OWN_PREFIX = 'x-tallyward-';

/** The request's headers for the service behind: only `own` ones may start with x-tallyward-. */
export function upstreamHeaders(
  given: IncomingHttpHeaders,
  own: Readonly<Record<string, string>>,
): OutgoingHttpHeaders {
  const headers = without(given, [...HOP_BY_HOP, ...CREDENTIALS]);
  for (const name of Object.keys(headers)) if (name.startsWith(OWN_PREFIX)) delete headers[name];
  // With tracing on, ours instead of the caller's; without, the caller's goes through.
  propagation.inject(context.active(), headers);
  for (const [name, value] of Object.entries(own)) headers[name.toLowerCase()] = value;
  return headers;
}

/** The service's headers for the client. */
export function answerHeaders(given: IncomingHttpHeaders): OutgoingHttpHeaders {
  return without(given, HOP_BY_HOP);
}

function without(given: IncomingHttpHeaders, dropped: readonly string[]): OutgoingHttpHeaders {
  const named = String(given.connection ?? '')
    .split(',')
    .map((name) => name.trim().toLowerCase());
  const gone = new Set([...dropped, ...named]);
  const headers: OutgoingHttpHeaders = {};
  for (const [name, value] of Object.entries(given))
    if (!gone.has(name) && value !== undefined) headers[name] = value;
  return headers;
}
