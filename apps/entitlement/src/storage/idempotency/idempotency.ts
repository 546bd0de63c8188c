import { createHash } from 'node:crypto';
import { joinFields } from '@tallyward/domain';
import { crashPoint, isLockTimeout } from '@tallyward/platform';
import type { EntityManager } from 'typeorm';
import { seal, unseal } from './sealed-answer';

/** How long a request is remembered. */
export const REMEMBERED_HOURS = 24;
/** Rows deleted by one statement of the pruning. */
export const PRUNE_ROWS = 500;

/** What makes a management request the same request again. */
export interface RequestIdentity {
  /** The project of whoever asks. */
  readonly project: string;
  readonly method: string;
  readonly path: string;
  readonly key: string;
  readonly body: unknown;
}

/** An answer as the client got it. */
export interface Answer {
  readonly status: number;
  /** Undefined: no body. */
  readonly body?: unknown;
  /** `{project}@{version}`: where a snapshot shows the change. */
  readonly version: string;
}

export type Claim =
  | { readonly kind: 'first' }
  | { readonly kind: 'replay'; readonly answer: Answer }
  | { readonly kind: 'other-body' }
  /** The same request is being carried out right now, for longer than anyone should wait. */
  | { readonly kind: 'in-progress' }
  /** Carried out before, but its answer was sealed with a secret that is gone. */
  | { readonly kind: 'unreadable' };

/**
 * Claims a request inside the transaction that carries it out: a second one waits for the row of
 * the first, and then finds its answer – or, where the first was refused or failed and so left
 * nothing behind, carries it out itself.
 */
export async function claimRequest(
  manager: EntityManager,
  request: RequestIdentity,
  secret: string,
): Promise<Claim> {
  const id = requestId(request);
  const body = sha256(canonicalJson(request.body));
  try {
    const claimed = (await manager.query(
      `INSERT INTO idempotent_request AS r (request_id, body_hash, answer, expires_at)
       VALUES ($1, $2, NULL, clock_timestamp() + make_interval(hours => $3))
       ON CONFLICT (request_id) DO UPDATE
         SET body_hash = excluded.body_hash, answer = NULL, expires_at = excluded.expires_at
         WHERE r.expires_at <= clock_timestamp()
       RETURNING 1`,
      [id, body, REMEMBERED_HOURS],
    )) as unknown[];
    if (claimed.length > 0) return { kind: 'first' };
  } catch (error) {
    if (isLockTimeout(error)) return { kind: 'in-progress' };
    throw error;
  }
  const [row] = (await manager.query(
    'SELECT body_hash, answer FROM idempotent_request WHERE request_id = $1',
    [id],
  )) as { body_hash: Buffer; answer: Buffer }[];
  // Pruned between the two statements: it will be free when the client tries again.
  if (!row) return { kind: 'in-progress' };
  if (!row.body_hash.equals(body)) return { kind: 'other-body' };
  const text = unseal(row.answer, secret, request.key);
  return text === null
    ? { kind: 'unreadable' }
    : { kind: 'replay', answer: JSON.parse(text) as Answer };
}

/** Keeps the answer of a claimed request, in the same transaction. */
export async function rememberAnswer(
  manager: EntityManager,
  request: RequestIdentity,
  answer: Answer,
  secret: string,
): Promise<void> {
  await manager.query('UPDATE idempotent_request SET answer = $2 WHERE request_id = $1', [
    requestId(request),
    seal(JSON.stringify(answer), secret, request.key),
  ]);
}

/** Leaves no trace of a claimed request that was refused: it may be sent again as it is. */
export async function forgetRequest(
  manager: EntityManager,
  request: RequestIdentity,
): Promise<void> {
  const id = requestId(request);
  await manager.query('DELETE FROM idempotent_request WHERE request_id = $1', [id]);
}

/** Deletes one bounded batch of what is remembered no longer; answers how many went. */
export async function pruneRequests(manager: EntityManager): Promise<number> {
  const gone = (await manager.query(
    `WITH gone AS (
       DELETE FROM idempotent_request WHERE request_id IN (
         SELECT request_id FROM idempotent_request WHERE expires_at <= clock_timestamp()
         ORDER BY expires_at LIMIT ${PRUNE_ROWS} FOR UPDATE SKIP LOCKED)
       RETURNING 1)
     SELECT count(*)::int AS count FROM gone`,
  )) as { count: number }[];
  crashPoint('catalog.after-prune');
  return gone[0]?.count ?? 0;
}

function requestId({ project, method, path, key }: RequestIdentity): Buffer {
  return sha256(joinFields([project, method, path, key]));
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

/** The same text for the same JSON value, whatever the order of its fields. */
export function canonicalJson(value: unknown): string {
  return (
    JSON.stringify(value, (_key, part: unknown) =>
      typeof part === 'object' && part !== null && !Array.isArray(part)
        ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
        : part,
    ) ?? ''
  );
}
