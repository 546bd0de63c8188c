import type { Scope } from '@tallyward/contracts';
import { createContext, useContext } from 'react';
import { may, type Session } from '../api/session';

export const SessionContext = createContext<Session | null>(null);

export function useSession(): Session {
  const session = useContext(SessionContext);
  if (!session) throw new Error('This page lies outside of a session');
  return session;
}

/** Whether the key that is signed in may do what takes this scope. */
export const useMay = (scope: Scope): boolean => may(useSession(), scope);
