import type { Span } from '@tallyward/domain';

/** Windows of now are few, but for billing periods and those that open with a first use. */
const MOST_SPANS = 2_048;
const spans = new Map<string, Span>();

/** The same object for every message that names this span: decisions read it from thousands. */
export function sharedSpan({ from, to }: Span): Span {
  const key = `${from} ${to}`;
  const found = spans.get(key);
  if (found) return found;
  if (spans.size >= MOST_SPANS) spans.clear();
  const made = { from, to };
  spans.set(key, made);
  return made;
}
