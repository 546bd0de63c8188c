import { context, propagation } from '@opentelemetry/api';
import type { EntityManager } from 'typeorm';

/** Told at commit, so that the relay looks at once; a lost word costs one poll of the relay. */
export const OUTBOX_CHANNEL = 'entitlement_outbox';

/** One entry for the log, as JSON and with CloudEvents' binary headers. */
export interface OutboxEntry {
  readonly topic: string;
  readonly key: string;
  readonly value: string;
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * Queues entries for publishing, in the given order, in the caller's transaction. The order of one
 * key is kept if its writers take turns (a project's row lock; a partition's fold).
 */
export async function queueEntries(
  manager: EntityManager,
  entries: readonly OutboxEntry[],
): Promise<void> {
  if (entries.length === 0) return;
  const trace: Record<string, string> = {};
  propagation.inject(context.active(), trace);
  await manager.query(
    `WITH queued AS (
       INSERT INTO outbox (topic, key, value, headers)
       SELECT topic, key, value, headers
       FROM unnest($1::text[], $2::text[], $3::text[], $4::jsonb[]) WITH ORDINALITY
         AS entry(topic, key, value, headers, place)
       ORDER BY place)
     SELECT pg_notify('${OUTBOX_CHANNEL}', '')`,
    [
      entries.map((entry) => entry.topic),
      entries.map((entry) => entry.key),
      entries.map((entry) => entry.value),
      entries.map((entry) => JSON.stringify({ ...trace, ...entry.headers })),
    ],
  );
}
