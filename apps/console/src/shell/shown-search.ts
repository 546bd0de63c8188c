/** What every page's address may hold: the zone that instants are shown in. */
export interface ShownSearch {
  readonly tz?: string;
}

export function shownSearch({ tz }: Record<string, unknown>): ShownSearch {
  return typeof tz === 'string' && isKnownZone(tz) ? { tz } : {};
}

/** By the browser's own list: it is the browser that writes instants in it. */
function isKnownZone(tz: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: tz });
    return true;
  } catch {
    return false;
  }
}
