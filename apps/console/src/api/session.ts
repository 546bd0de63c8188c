import type { Scope } from '@tallyward/contracts';
import { queryOptions } from '@tanstack/react-query';
import { call, setCsrf } from './call';
import { ApiProblem } from './problem';

/** Who is signed in: a key by its name, or (with `customer`) a customer's token. */
export interface Session {
  readonly name: string;
  readonly project: string;
  /** The project's, as it was at signing in; who may read the settings asks those. */
  readonly timeZone: string;
  readonly scopes: readonly Scope[];
  readonly customer: string | null;
  readonly expiresAt: string;
  readonly csrf: string | null;
}

/** The cookie is that of every tab: what the others show may be of another session. */
const TABS = new BroadcastChannel('tallyward-session');

/** Null: nobody is. */
export const sessionQuery = queryOptions({
  queryKey: ['session'],
  queryFn: async ({ signal }): Promise<Session | null> => {
    try {
      return keep(await call<Session>('/v1/session', { signal }));
    } catch (error) {
      if (error instanceof ApiProblem && error.status === 401) return keep(null);
      throw error;
    }
  },
  staleTime: Infinity,
});

export async function signIn(key: string): Promise<Session> {
  const session = keep(await call<Session>('/v1/session', { method: 'POST', body: { key } }));
  TABS.postMessage(null);
  return session;
}

export async function signOut(): Promise<void> {
  await call<void>('/v1/session', { method: 'DELETE' });
  keep(null);
  TABS.postMessage(null);
}

/** Calls when another tab has signed in or out, until the returned function is called. */
export function onOtherSession(begin: () => void): () => void {
  TABS.addEventListener('message', begin);
  return () => TABS.removeEventListener('message', begin);
}

/** `admin` includes the other scopes. */
export function may(session: Session, scope: Scope): boolean {
  return session.scopes.includes(scope) || session.scopes.includes('admin');
}

function keep<T extends Session | null>(session: T): T {
  setCsrf(session?.csrf ?? null);
  return session;
}
