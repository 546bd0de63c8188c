import { parseApiKey } from '@tallyward/contracts';
import { createHash, timingSafeEqual } from 'node:crypto';
import type { KnownKey, KnownProject, ProjectSnapshots } from './project-snapshots';

/** Who calls: the project comes from the credential alone (I11). */
export interface Identity {
  readonly key: KnownKey;
  readonly project: KnownProject;
  /** Where a cookie stands for the key. */
  readonly session?: LiveSession;
  /** Of a customer's token, which the key has made. */
  readonly token?: LiveToken;
}

export interface LiveToken {
  readonly customer: string;
  /** Epoch ms. */
  readonly expiresAt: number;
}

export interface LiveSession {
  /** What a request that changes something has to say, so that no other site's can. */
  readonly csrf: string;
  /** Epoch ms. */
  readonly expiresAt: number;
}

export type Authenticated =
  | { readonly kind: 'known'; readonly identity: Identity }
  | { readonly kind: 'unknown'; readonly why: WhyUnknown };

export type WhyUnknown = 'missing' | 'malformed' | 'refused' | 'session-over' | 'token-over';

export const BEARER = /^Bearer +(\S+) *$/i;
/** Stands in for the hash of a key that nobody has, so that such a key takes as long to refuse. */
const NOBODY = Buffer.alloc(32);

/**
 * Whose key an Authorization header holds. An unknown, a revoked, an expired key and a wrong secret
 * all give the same answer, after the same comparison.
 */
export function authenticate(
  header: string | undefined,
  snapshots: Pick<ProjectSnapshots, 'key'>,
  now: number,
): Authenticated {
  if (header === undefined) return { kind: 'unknown', why: 'missing' };
  const parsed = parseApiKey(BEARER.exec(header)?.[1] ?? '');
  if (!parsed) return { kind: 'unknown', why: 'malformed' };
  const known = snapshots.key(parsed.keyId);
  const hash = createHash('sha256').update(parsed.secret).digest();
  const expected = known?.key.hash.length === hash.length ? known.key.hash : NOBODY;
  const isSame = timingSafeEqual(hash, expected);
  if (!known || !isSame || isExpired(known.key, now)) return { kind: 'unknown', why: 'refused' };
  return { kind: 'known', identity: known };
}

export function isExpired({ expiresAt }: KnownKey, now: number): boolean {
  return expiresAt !== null && expiresAt <= now;
}

/** Whether a credential that was good still is: its key, and the session or token made of it. */
export function isLive(
  { key, project, session, token }: Identity,
  snapshots: Pick<ProjectSnapshots, 'key'>,
  now: number,
): boolean {
  const known = snapshots.key(key.keyId);
  if (known?.project.project !== project.project || isExpired(known.key, now)) return false;
  return now < (session?.expiresAt ?? token?.expiresAt ?? Infinity);
}
