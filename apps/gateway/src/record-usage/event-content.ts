import canonicalize from 'canonicalize';
import { createHash } from 'node:crypto';

/** Attributes that say how the event travelled, not what was sent. */
const OF_THE_JOURNEY = new Set(['datacontenttype', 'datacontentencoding']);

export type SentEvent = Readonly<Record<string, unknown>>;

/**
 * SHA-256 (hex) of an event as canonical JSON (RFC 8785): equal for the same event in structured
 * and in binary mode. So an attribute that is null counts as absent, and a number or boolean as
 * its text, which is all that a header can carry. Null where there is no canonical form.
 */
export function contentOf(event: SentEvent): string | null {
  const sent = Object.create(null) as Record<string, unknown>;
  for (const [name, value] of Object.entries(event)) {
    if (value === null || OF_THE_JOURNEY.has(name)) continue;
    sent[name] = typeof value === 'number' || typeof value === 'boolean' ? String(value) : value;
  }
  const text = canonical(sent);
  return text === null ? null : createHash('sha256').update(text).digest('hex');
}

function canonical(value: unknown): string | null {
  try {
    return canonicalize(value) ?? null;
  } catch {
    // A number beyond a double's range reads as infinity, and has no canonical form.
    return null;
  }
}
