/** What a report is asked about: the last part of its query's key. */
interface Look {
  readonly from: string;
  readonly to: string;
}

/** How far a look may have moved, of its own length, and still be the same one, later. */
const MOVED = 0.1;

/**
 * For `placeholderData`: the answer before stays on show until the next one is there, where only
 * time has passed. Another span, window or grouping would stand under words that are not its own.
 */
export function keptWhileTimePasses(key: readonly unknown[]) {
  return <T>(
    before: T | undefined,
    query: { readonly queryKey: readonly unknown[] } | undefined,
  ): T | undefined => (query && isSameLater(query.queryKey, key) ? before : undefined);
}

function isSameLater(before: readonly unknown[], now: readonly unknown[]): boolean {
  const [one, other] = [before.at(-1) as Look, now.at(-1) as Look];
  if (without(before, one) !== without(now, other)) return false;
  const length = Date.parse(other.to) - Date.parse(other.from);
  const moved = (bound: 'from' | 'to'): number =>
    Math.abs(Date.parse(one[bound]) - Date.parse(other[bound]));
  return Math.max(moved('from'), moved('to')) <= MOVED * length;
}

/** All of the key but the instants. */
function without(key: readonly unknown[], look: Look): string {
  return JSON.stringify([...key.slice(0, -1), { ...look, from: null, to: null }]);
}
