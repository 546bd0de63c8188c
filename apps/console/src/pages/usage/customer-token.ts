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

/** It has ended, or is none. */
export function dropToken(): void {
  sessionStorage.removeItem(KEPT_AS);
  setToken(null);
}
