import type { UsageData } from '@tallyward/contracts';
import canonicalize from 'canonicalize';
import { hash } from 'node:crypto';

/** Attributes that say how the event travelled, not what was sent. */
const OF_THE_JOURNEY = new Set(['datacontenttype', 'datacontentencoding']);
/** Attributes of every usage event: texts, all of them. */
const OF_THE_EVENT = new Set(['specversion', 'id', 'source', 'type', 'subject', 'time', 'data']);
/** Such keys stand before all others in an object, whatever the order they were put in. */
const INDEX = /^(?:0|[1-9]\d*)$/;

export type SentEvent = Readonly<Record<string, unknown>>;

/**
 * SHA-256 (hex) of an event that was found good, as canonical JSON (RFC 8785): equal for the same
 * event in structured and in binary mode. So an attribute that is null counts as absent, and a
 * number or boolean as its text, which is all that a header can carry. Null where there is no
 * canonical form.
 */
export function contentOf(event: SentEvent): string | null {
  const text = plainCanonical(event) ?? canonical(event);
  return text === null ? null : hash('sha256', text);
}

function canonical(event: SentEvent): string | null {
  const sent = Object.create(null) as Record<string, unknown>;
  for (const [name, value] of Object.entries(event)) {
    if (value === null || OF_THE_JOURNEY.has(name)) continue;
    sent[name] = typeof value === 'number' || typeof value === 'boolean' ? String(value) : value;
  }
  try {
    return canonicalize(sent) ?? null;
  } catch {
    // A number beyond a double's range reads as infinity, and has no canonical form.
    return null;
  }
}

/**
 * The same text in one stroke, for an event without extensions: canonical JSON is what
 * JSON.stringify gives where members stand in order. Null where they can't be put in order.
 */
function plainCanonical(event: SentEvent): string | null {
  for (const name in event) {
    if (!OF_THE_EVENT.has(name) && !OF_THE_JOURNEY.has(name)) return null;
  }
  const { id, source, specversion, subject, time, type } = event;
  const data = event['data'] as Partial<UsageData>;
  const tags = data.tags === undefined ? undefined : ordered(data.tags);
  if (tags === null) return null;
  return JSON.stringify({
    data: {
      cacheReadTokens: data.cacheReadTokens,
      cacheWriteTokens: data.cacheWriteTokens,
      images: data.images,
      inputTokens: data.inputTokens,
      model: data.model,
      outputTokens: data.outputTokens,
      reasoningTokens: data.reasoningTokens,
      role: data.role,
      tags,
      toolCalls: data.toolCalls,
      user: data.user,
      workspace: data.workspace,
    },
    id,
    source,
    specversion,
    subject,
    time,
    type,
  });
}

function ordered(tags: Readonly<Record<string, string>>): Record<string, string> | null {
  const names = Object.keys(tags);
  if (names.some((name) => INDEX.test(name))) return null;
  if (names.length < 2) return tags;
  const sorted: Record<string, string> = {};
  for (const name of names.sort()) sorted[name] = tags[name] as string;
  return sorted;
}
