import type { ChangeKind } from '@tallyward/contracts';
import type { Query as CachedQuery } from '@tanstack/react-query';

declare module '@tanstack/react-query' {
  /** A query names in its `meta` which of what the stream tells makes it ask again. */
  interface Register {
    queryMeta: { readonly changesWith?: readonly ChangeKind[] };
  }
}

/** A list scrolled further than this is not asked for again by itself: that would be every page. */
const MOST_PAGES_AGAIN = 3;

/** Whether it is a list of which so many pages were loaded. */
export function isLong(data: unknown): boolean {
  const { pages = [] } = (data ?? {}) as { pages?: readonly unknown[] };
  return pages.length > MOST_PAGES_AGAIN;
}

/** Whether a cached answer may be old after these changes; null: after any. */
export function isTouchedBy(kinds: readonly string[] | null): (query: CachedQuery) => boolean {
  return ({ meta, state }) => {
    if (isLong(state.data)) return false;
    return meta?.changesWith?.some((kind) => kinds?.includes(kind) ?? true) ?? false;
  };
}
