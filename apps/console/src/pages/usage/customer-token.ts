import { setToken } from '../../api/call';

const KEPT_AS = 'tallyward-customer-token';

/**
 * The customer's token: out of the address's fragment and into this tab at once, so that it stands
 * in no history and no copied address. Null: the page was opened without one.
 */
export function takeToken(): string | null {
  const given = new URLSearchParams(location.hash.slice(1)).get('token');
  if (given) {
    sessionStorage.setItem(KEPT_AS, given);
    history.replaceState(history.state, '', location.pathname + location.search);
  }
  const token = sessionStorage.getItem(KEPT_AS);
  setToken(token);
  return token;
}

/** Calls when a link with another token was opened in this tab: its fragment alone is new. */
export function onFreshLink(take: () => void): () => void {
  addEventListener('hashchange', take);
  return () => removeEventListener('hashchange', take);
}

/** It has ended, or is none. */
export function dropToken(): void {
  sessionStorage.removeItem(KEPT_AS);
  setToken(null);
}
