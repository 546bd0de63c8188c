import type { EventsOf } from '@tallyward/contracts';

const MOST_CHARACTERS = 128;
const NAMES = ['modelGroup', 'workspace', 'user', 'role'] as const;
const INSTANTS = ['from', 'to'] as const;

/** Which of a customer's events are listed, as the address holds it. */
export function eventsOfSearch(given: Record<string, unknown>): EventsOf {
  const names = NAMES.flatMap((name) => {
    const value = given[name];
    if (typeof value !== 'string' && typeof value !== 'number') return [];
    const text = String(value).slice(0, MOST_CHARACTERS);
    return text === '' ? [] : [[name, text] as const];
  });
  const instants = INSTANTS.flatMap((name) => {
    const at = Date.parse(String(given[name]));
    return Number.isNaN(at) ? [] : [[name, new Date(at).toISOString()] as const];
  });
  return Object.fromEntries([...names, ...instants]);
}
