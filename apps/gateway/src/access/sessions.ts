import { SESSION_COOKIE, SESSION_TTL_S } from '@tallyward/contracts';
import { Statements } from '@tallyward/platform';
import { randomUUID, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { z } from 'zod';
import { isExpired, type Authenticated, type Identity, type LiveSession } from './authenticate';
import type { ProjectSnapshots } from './project-snapshots';

const PURPOSE = 'tallyward session v1';
const claims = z.object({ session: z.string(), keyId: z.string(), project: z.string() });
const COOKIE = new RegExp(`(?:^|;) *${SESSION_COOKIE}=([^; ]*)`);

/**
 * Sessions of browsers. None is kept: the cookie is a signed statement of which key it stands for,
 * and the key is looked up at every request, so that a session ends with its key.
 */
export class Sessions {
  private readonly statements: Statements<typeof claims>;

  constructor(secret: string) {
    this.statements = new Statements(secret, PURPOSE, claims);
  }

  /** A new session of a key, and its cookie's value. It ends no later than the key does. */
  open({ key, project }: Identity, now: number): { cookie: string; session: LiveSession } {
    const session = randomUUID();
    const until = Math.min(now + SESSION_TTL_S * 1_000, key.expiresAt ?? Infinity);
    const expiresAt = Math.floor(until / 1_000) * 1_000;
    const cookie = this.statements.sign(
      { session, keyId: key.keyId, project: project.project },
      expiresAt,
    );
    return { cookie, session: { csrf: this.statements.seal(session), expiresAt } };
  }

  /** Whose session the Cookie header holds. */
  read(cookies: string, snapshots: Pick<ProjectSnapshots, 'key'>, now: number): Authenticated {
    const text = COOKIE.exec(cookies)?.[1];
    if (text === undefined || text === '') return { kind: 'unknown', why: 'missing' };
    const said = this.statements.read(text, now);
    const known = said && snapshots.key(said.claims.keyId);
    const isTheirs = known?.project.project === said?.claims.project;
    if (!said || !known || !isTheirs || isExpired(known.key, now)) {
      return { kind: 'unknown', why: 'session-over' };
    }
    const csrf = this.statements.seal(said.claims.session);
    const session = { csrf, expiresAt: Math.min(said.expiresAt, known.key.expiresAt ?? Infinity) };
    return { kind: 'known', identity: { ...known, session } };
  }
}

/** Whether the texts are the same, in a time that does not tell how much of them is. */
export function isSameText(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)];
  return a.length === b.length && timingSafeEqual(a, b);
}

/** Where a browser says which page sends a request, it has to be one of this host. */
export function isOwnOrigin({ origin, host }: IncomingHttpHeaders): boolean {
  if (origin === undefined) return true;
  return URL.canParse(origin) && new URL(origin).host === host?.toLowerCase();
}
