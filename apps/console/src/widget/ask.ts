import type { LimitState } from '@tallyward/contracts';

const DEADLINE_MS = 10_000;

export type Limit = LimitState;

/** `away`: no answer now; `ended`: the token is not taken any more. */
export type Answer =
  | { readonly kind: 'limits'; readonly limits: readonly Limit[] }
  | { readonly kind: 'away' }
  | { readonly kind: 'ended' };

/** The limits of the token's customer, from the gateway at this host. */
export async function answerOf(host: string, token: string): Promise<Answer> {
  try {
    const session = await read<{ customer: string | null }>(host, token, '/v1/session');
    if (session === 'refused' || session.customer === null) return { kind: 'ended' };
    const at = `/v1/customers/${encodeURIComponent(session.customer)}/entitlements`;
    const has = await read<{ limits: readonly Limit[] }>(host, token, at);
    return has === 'refused' ? { kind: 'ended' } : { kind: 'limits', limits: has.limits };
  } catch {
    return { kind: 'away' };
  }
}

async function read<T>(host: string, token: string, at: string): Promise<T | 'refused'> {
  const response = await fetch(new URL(at, host), {
    headers: { accept: 'application/json', authorization: `Bearer ${token}` },
    credentials: 'omit',
    cache: 'no-store',
    signal: AbortSignal.timeout(DEADLINE_MS),
  });
  if (response.status === 401 || response.status === 403) return 'refused';
  if (!response.ok) throw new Error(`answered ${response.status}`);
  return (await response.json()) as T;
}
