import { CUSTOMER_TOKEN_PREFIX, name } from '@tallyward/contracts';
import { Statements } from '@tallyward/platform';
import { z } from 'zod';
import { type Authenticated, BEARER, type Identity, isExpired } from './authenticate';
import type { ProjectSnapshots } from './project-snapshots';

const PURPOSE = 'tallyward customer token v1';
const claims = z.object({ customer: name, keyId: z.string(), project: z.string() });

/**
 * Tokens for customers' browsers. None is kept: each is a signed statement of whose it is and which
 * key has made it, and that key is looked up at every request, so that a token ends with it.
 */
export class CustomerTokens {
  private readonly statements: Statements<typeof claims>;

  constructor(secret: string) {
    this.statements = new Statements(secret, PURPOSE, claims);
  }

  /** Ends no later than the key does; `expiresAt`: epoch ms. */
  make(
    { key, project }: Identity,
    customer: string,
    ttlSeconds: number,
    now: number,
  ): { readonly token: string; readonly expiresAt: number } {
    const until = Math.min(now + ttlSeconds * 1_000, key.expiresAt ?? Infinity);
    const expiresAt = Math.floor(until / 1_000) * 1_000;
    const said = { customer, keyId: key.keyId, project: project.project };
    return { token: CUSTOMER_TOKEN_PREFIX + this.statements.sign(said, expiresAt), expiresAt };
  }

  /** Whose token an Authorization header holds. */
  read(header: string, snapshots: Pick<ProjectSnapshots, 'key'>, now: number): Authenticated {
    const text = BEARER.exec(header)?.[1]?.slice(CUSTOMER_TOKEN_PREFIX.length) ?? '';
    const said = this.statements.read(text, now);
    const known = said && snapshots.key(said.claims.keyId);
    const isTheirs = known?.project.project === said?.claims.project;
    if (!said || !known || !isTheirs || isExpired(known.key, now)) {
      return { kind: 'unknown', why: 'token-over' };
    }
    const token = { customer: said.claims.customer, expiresAt: said.expiresAt };
    return { kind: 'known', identity: { ...known, token } };
  }
}

const IS_TOKEN = new RegExp(`^Bearer +${CUSTOMER_TOKEN_PREFIX}`, 'i');

export function isCustomerToken(header: string | undefined): header is string {
  return header !== undefined && IS_TOKEN.test(header);
}
