import type { MadeKey, TestGateway } from '../gateway.builder';

export const STRUCTURED = 'application/cloudevents+json';
export const BATCH = 'application/cloudevents-batch+json';

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Record<string, unknown> & { errors?: Record<string, unknown>[] };
}

/** Sends a body as it is, or as JSON: an array as a batch. */
export async function sendUsage(
  gateway: TestGateway,
  { key }: MadeKey,
  body: unknown,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const response = await fetch(`${gateway.url}/v1/events`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${key}`,
      'content-type': Array.isArray(body) ? BATCH : STRUCTURED,
      ...headers,
    },
    body: (typeof body === 'string' || Buffer.isBuffer(body)
      ? body
      : JSON.stringify(body)) as string,
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: JSON.parse(text) };
}

/** What the log of a gateway was given. */
export const entriesOf = ({ log }: TestGateway) =>
  log.appended.map(({ key, value, headers }) => ({
    key,
    headers,
    entry: JSON.parse(String(value)) as Record<string, unknown>,
  }));
