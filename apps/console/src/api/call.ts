import { ApiProblem, problemOf, unreachable } from './problem';

/** How long one request may take. A report over a long span takes seconds. */
const DEADLINE_MS = 30_000;
const CSRF_HEADER = 'x-tallyward-csrf';

type Value = string | number | boolean | null | undefined;
/** A list is given once for each of its values. */
export type Query = Readonly<Record<string, Value | readonly string[]>>;

export interface Call {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly query?: Query;
  readonly body?: unknown;
  readonly signal?: AbortSignal;
  /** Makes a POST or PUT safe to send again. */
  readonly idempotencyKey?: string;
}

let csrf: string | null = null;

/** What every change must carry beside the session's cookie; null: nobody is signed in. */
export function setCsrf(value: string | null): void {
  csrf = value;
}

let token: string | null = null;

/** A customer's token, sent with every request from then on; null: the session's cookie stands. */
export function setToken(value: string | null): void {
  token = value;
}

/** A path with its parts percent-encoded: path`/v1/customers/${id}`. */
export function path(parts: TemplateStringsArray, ...values: (string | number)[]): string {
  return String.raw({ raw: parts }, ...values.map((value) => encodeURIComponent(value)));
}

/** Sends one request to the gateway that served this page; rejects with an ApiProblem alone. */
export async function call<T>(at: string, options: Call = {}): Promise<T> {
  const { method = 'GET', query = {}, body, signal } = options;
  const deadline = AbortSignal.timeout(DEADLINE_MS);
  const response = await fetch(at + searchOf(query), {
    method,
    headers: headersOf(options),
    body: body === undefined ? undefined : JSON.stringify(body),
    signal: signal ? AbortSignal.any([signal, deadline]) : deadline,
    credentials: 'same-origin',
    cache: 'no-store',
  }).catch((cause: unknown) => {
    if (signal?.aborted) throw cause;
    throw unreachable(cause);
  });
  if (!response.ok) throw await problemOf(response);
  if (response.status === 204) return undefined as T;
  return (await response.json().catch(() => {
    throw new ApiProblem(response.status, 'unreadable', 'The answer can not be read', null);
  })) as T;
}

/** The same report as the API's CSV. */
export async function readCsv(at: string, query: Query): Promise<Blob> {
  const response = await fetch(at + searchOf(query), {
    headers: { ...headersOf({}), accept: 'text/csv' },
    signal: AbortSignal.timeout(DEADLINE_MS),
    credentials: 'same-origin',
    cache: 'no-store',
  }).catch((cause: unknown) => {
    throw unreachable(cause);
  });
  if (!response.ok) throw await problemOf(response);
  return response.blob();
}

export function searchOf(query: Query): string {
  const given = Object.entries(query).flatMap(([name, value]) =>
    [value]
      .flat()
      .filter((one) => one !== undefined && one !== null && one !== '')
      .map((one) => [name, String(one)]),
  );
  return given.length === 0 ? '' : `?${new URLSearchParams(given)}`;
}

function headersOf({ method = 'GET', body, idempotencyKey }: Call): Record<string, string> {
  return {
    accept: 'application/json',
    ...(token ? { authorization: `Bearer ${token}` } : {}),
    ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    ...(method !== 'GET' && csrf ? { [CSRF_HEADER]: csrf } : {}),
    ...(idempotencyKey ? { 'idempotency-key': idempotencyKey } : {}),
  };
}
