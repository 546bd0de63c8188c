import { setTimeout as pause } from 'node:timers/promises';

export interface Target {
  readonly gateway: string;
  readonly key: string;
}

export interface Rejected {
  readonly index: number;
  readonly code: string;
  readonly detail: string;
}

export type Sent =
  | { readonly kind: 'answered'; readonly accepted: number; readonly rejected: readonly Rejected[] }
  /** Nobody knows whether these are in the log; the same ids may be sent again. */
  | { readonly kind: 'unknown'; readonly detail: string }
  /** Wrong key, wrong address: sending more is of no use. */
  | { readonly kind: 'refused'; readonly detail: string };

const REQUEST_DEADLINE_MS = 30_000;
const LONGEST_WAIT_MS = 10_000;
const FIRST_WAIT_MS = 100;
/** With waits that double up to the longest: over two minutes of an engine being away. */
const TRIES = 20;
const DETAIL_CHARS = 500;

/** Sends one batch; 429, 503 and a lost connection are tried again with the same ids. */
export async function sendBatch(target: Target, events: readonly object[]): Promise<Sent> {
  const body = JSON.stringify(events);
  let detail = '';
  for (let tries = 1; tries <= TRIES; tries++) {
    const answer = await post(target, body);
    if (answer.kind === 'settled') return answer.sent;
    detail = answer.detail;
    if (tries < TRIES) await pause(waitFor(tries, answer.retryAfterMs));
  }
  return { kind: 'unknown', detail: `gave up after ${TRIES} tries: ${detail}` };
}

/** What the server asks for wins over doubling; both are bounded. */
export function waitFor(tries: number, retryAfterMs: number | undefined): number {
  const own = FIRST_WAIT_MS * 2 ** Math.min(tries - 1, 10);
  return Math.min(retryAfterMs ?? own, LONGEST_WAIT_MS);
}

type Answer =
  | { readonly kind: 'settled'; readonly sent: Sent }
  | { readonly kind: 'again'; readonly detail: string; readonly retryAfterMs?: number };

async function post({ gateway, key }: Target, body: string): Promise<Answer> {
  let status: number;
  let retryAfter: string | null;
  let text: string;
  try {
    const response = await fetch(`${gateway}/v1/events`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${key}`,
        'content-type': 'application/cloudevents-batch+json',
      },
      body,
      signal: AbortSignal.timeout(REQUEST_DEADLINE_MS),
    });
    status = response.status;
    retryAfter = response.headers.get('retry-after');
    text = await response.text();
  } catch (error) {
    const { cause, message } = error as Error & { cause?: Error };
    return { kind: 'again', detail: cause?.message ?? message };
  }
  const detail = `${status} ${text.slice(0, DETAIL_CHARS)}`;
  if (status === 202) return settled(text, detail);
  if (status === 422) return refusedAll(text, detail);
  if (status === 429 || status >= 500) {
    const seconds = Number(retryAfter ?? NaN);
    return { kind: 'again', detail, retryAfterMs: seconds >= 0 ? seconds * 1_000 : undefined };
  }
  return { kind: 'settled', sent: { kind: 'refused', detail } };
}

function settled(text: string, detail: string): Answer {
  const { accepted, rejected } = parsed(text) as { accepted?: number; rejected?: Rejected[] };
  if (typeof accepted !== 'number') return { kind: 'again', detail };
  return { kind: 'settled', sent: { kind: 'answered', accepted, rejected: rejected ?? [] } };
}

/** None of the batch was taken; `errors` says why of each, by its index. */
function refusedAll(text: string, detail: string): Answer {
  const errors = (parsed(text) as { errors?: Partial<Rejected>[] }).errors;
  if (!errors?.length) return { kind: 'settled', sent: { kind: 'refused', detail } };
  const rejected = errors.map((e, i) => ({
    index: e.index ?? i,
    code: e.code ?? 'unprocessable',
    detail: e.detail ?? '',
  }));
  return { kind: 'settled', sent: { kind: 'answered', accepted: 0, rejected } };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) ?? {};
  } catch {
    return {};
  }
}
