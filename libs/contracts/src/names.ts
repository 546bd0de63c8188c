import { utf8Length } from '@tallyward/domain';
import { z } from 'zod';

export const NAME_BYTES = 128;
export const TAGS = { count: 20, keyBytes: 64, valueBytes: 256 } as const;

/** NUL breaks Postgres text; a lone surrogate is no UTF-8. */
const WELL_FORMED = /^(?:[^\u0000\ud800-\udfff]|[\ud800-\udbff][\udc00-\udfff])*$/;

/** Printable ASCII: a byte a character. */
const PLAIN = /^[ -~]*$/;

/** Text that every store takes, up to so many UTF-8 bytes. */
export function textUpTo(bytes: number): z.ZodString {
  return z
    .string()
    .regex(WELL_FORMED, 'must be well-formed text without NUL')
    .refine((value) => utf8Length(value) <= bytes, `must be at most ${bytes} UTF-8 bytes`);
}

/** A name or id: 1–128 UTF-8 bytes. */
export const name = textUpTo(NAME_BYTES).min(1, 'must not be empty').meta({
  description: 'A name or id: 1–128 UTF-8 bytes, percent-encoded in paths.',
});

/** What `name` takes, without its report: for paths that see every event. */
export function isName(value: unknown): value is string {
  if (typeof value !== 'string' || value === '' || value.length > NAME_BYTES) return false;
  return PLAIN.test(value) || (WELL_FORMED.test(value) && utf8Length(value) <= NAME_BYTES);
}

/** A project's id: made by Tallyward, never holds a colon. */
export const projectId = z.string().regex(/^[a-z0-9][a-z0-9_-]{0,63}$/);

/** A tier version. */
export const tierReference = z.object({ name, version: z.number().int().min(1) });
const MOST_VERSION = 2 ** 31 - 1;
/** A version in a path or query. */
export const versionNumber = z.coerce
  .number({ error: 'must be the number of a version: 1 or more' })
  .int()
  .min(1)
  .max(MOST_VERSION);
export type TierReference = z.output<typeof tierReference>;

const REASON_BYTES = 1_000;
/** Why a change is made. */
export const reason = textUpTo(REASON_BYTES)
  .nullable()
  .default(null)
  .meta({ description: 'Why; shown in the audit trail.' });

const tagKey = textUpTo(TAGS.keyBytes).min(1);
export const tags = z
  .record(tagKey, textUpTo(TAGS.valueBytes))
  .refine((value) => Object.keys(value).length <= TAGS.count, `at most ${TAGS.count} tags`)
  .meta({ description: 'Up to 20 tags; keys 1–64, values up to 256 UTF-8 bytes.' });

/** An RFC 3339 instant. */
export const instant = z.iso.datetime({ offset: true }).meta({
  description: 'An instant, RFC 3339.',
});
