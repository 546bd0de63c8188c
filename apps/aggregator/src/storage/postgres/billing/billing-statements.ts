import { crashPoint } from '@tallyward/platform';
import type { EntityManager } from 'typeorm';
import type { Closing, HeldBack, OutboxEntry } from '../../../close-periods/closing';
import { customersOf, periodText, spansOf, type PlaceOfCustomer } from './billing-keys';

interface TakenRow extends PlaceOfCustomer {
  period_from: string;
}

/** The proofs fold marks customers under these locks: what it adds is seen here, or comes after. */
export async function lockCustomers(
  manager: EntityManager,
  of: readonly PlaceOfCustomer[],
): Promise<void> {
  await manager.query(
    `SELECT 1 FROM unbilled_usage u
     WHERE (u.project, u.customer) IN (SELECT * FROM unnest($1::text[], $2::text[]))
     ORDER BY u.project, u.customer FOR UPDATE`,
    customersOf(of),
  );
}

/** Periods that nobody has closed yet; those of one customer never overlap. */
async function openPeriods(
  manager: EntityManager,
  closings: readonly Closing[],
): Promise<TakenRow[]> {
  return manager.query<TakenRow[]>(
    `INSERT INTO billing_period (project, customer, period_from, period_to, time_zone, partition,
       revision, as_of, events, proof, closed_at)
     SELECT n.* FROM unnest($1::text[], $2::text[], $3::bigint[], $4::bigint[], $5::text[],
       $6::smallint[], $7::integer[], $8::bigint[], $9::bigint[], $10::numeric[], $11::bigint[])
       AS n (project, customer, starts, ends, zone, partition, revision, as_of, events, proof, at)
     WHERE NOT EXISTS (
       SELECT 1 FROM billing_period o WHERE o.project = n.project AND o.customer = n.customer
         AND o.period_from < n.ends AND o.period_to > n.starts)
     ORDER BY n.project, n.customer, n.starts
     ON CONFLICT (project, customer, period_from) DO NOTHING
     RETURNING project, customer, period_from`,
    [
      ...spansOf(closings),
      closings.map(({ timeZone }) => timeZone),
      closings.map(({ partition }) => partition),
      ...figuresOf(closings),
    ],
  );
}

/** Closed ones that have something new: compare and set by the place in the log. */
async function revisePeriods(
  manager: EntityManager,
  closings: readonly Closing[],
): Promise<TakenRow[]> {
  const [rows] = await manager.query<[TakenRow[], number]>(
    `UPDATE billing_period b SET revision = n.revision, as_of = n.as_of, events = n.events,
       proof = n.proof, closed_at = n.at
     FROM unnest($1::text[], $2::text[], $3::bigint[], $4::bigint[], $5::integer[], $6::bigint[],
       $7::bigint[], $8::numeric[], $9::bigint[], $10::bigint[])
       AS n (project, customer, starts, ends, revision, as_of, events, proof, at, was)
     WHERE b.project = n.project AND b.customer = n.customer AND b.period_from = n.starts
       AND b.period_to = n.ends AND b.as_of = n.was
     RETURNING b.project, b.customer, b.period_from`,
    [
      ...spansOf(closings),
      ...figuresOf(closings),
      closings.map(({ before }) => String(before?.asOf ?? -1n)),
    ],
  );
  return rows;
}

const figuresOf = (closings: readonly Closing[]): unknown[][] => [
  closings.map(({ revision }) => revision),
  closings.map(({ asOf }) => asOf.toString()),
  closings.map(({ events }) => events),
  closings.map(({ proof }) => proof.toString()),
  closings.map(({ closedAt }) => closedAt),
];

export async function takePeriods(
  manager: EntityManager,
  closings: readonly Closing[],
): Promise<Closing[]> {
  const fresh = closings.filter(({ before }) => before === undefined);
  const opened = await openPeriods(manager, fresh);
  crashPoint('billing.after-opened');
  const again = closings.filter(({ before }) => before !== undefined);
  const rows = [...opened, ...(await revisePeriods(manager, again))];
  const taken = new Set(rows.map((row) => periodText(row, Number(row.period_from))));
  return closings.filter((closing) => taken.has(periodText(closing, closing.period.from)));
}

export async function addRecords(
  manager: EntityManager,
  closings: readonly Closing[],
): Promise<void> {
  const told = closings.flatMap((closing) =>
    closing.records.map((record) => ({ closing, ...record })),
  );
  if (told.length === 0) return;
  await manager.query(
    `INSERT INTO billing_record (record_id, project, customer, period_from, revision, tier,
       tier_version, model_group, model, unit, quantity, overage, events, proof, value)
     SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::integer[],
       $6::text[], $7::integer[], $8::text[], $9::text[], $10::text[], $11::bigint[],
       $12::bigint[], $13::bigint[], $14::numeric[], $15::text[])`,
    [
      told.map(({ recordId }) => recordId),
      told.map(({ closing }) => closing.project),
      told.map(({ closing }) => closing.customer),
      told.map(({ closing }) => closing.period.from),
      told.map(({ closing }) => closing.revision),
      told.map(({ line }) => line.tier.name),
      told.map(({ line }) => line.tier.version),
      told.map(({ line }) => line.modelGroup),
      told.map(({ line }) => line.model),
      told.map(({ line }) => line.unit),
      told.map(({ line }) => line.quantity),
      told.map(({ line }) => line.overage),
      told.map(({ line }) => line.events),
      told.map(({ line }) => line.proof.toString()),
      told.map(({ entry }) => entry.value),
    ],
  );
}

export async function addHeld(
  manager: EntityManager,
  held: readonly HeldBack[],
  now: number,
): Promise<Set<string>> {
  const rows = await manager.query<(TakenRow & { fresh: boolean })[]>(
    `INSERT INTO billing_held AS h (project, customer, period_from, period_to, time_zone,
       partition, reason, differences, since, tried_at)
     SELECT n.*, $9, $9 FROM unnest($1::text[], $2::text[], $3::bigint[], $4::bigint[], $5::text[],
       $6::smallint[], $7::text[], $8::jsonb[]) AS n
     ON CONFLICT (project, customer, period_from) DO UPDATE SET tried_at = excluded.tried_at,
       reason = excluded.reason, differences = excluded.differences
     RETURNING project, customer, period_from, since = $9 AS fresh`,
    [
      ...spansOf(held),
      held.map(({ timeZone }) => timeZone),
      held.map(({ partition }) => partition),
      held.map(({ reason }) => reason),
      held.map(({ differences }) => JSON.stringify(differences)),
      now,
    ],
  );
  return new Set(
    rows.filter(({ fresh }) => fresh).map((row) => periodText(row, Number(row.period_from))),
  );
}

/** What came into a period while it was held back is looked at again. */
export async function release(manager: EntityManager, closings: readonly Closing[]): Promise<void> {
  await manager.query(
    `WITH released AS (
       DELETE FROM billing_held WHERE (project, customer, period_from) IN
         (SELECT * FROM unnest($1::text[], $2::text[], $3::bigint[]))
       RETURNING project, customer, partition, period_from)
     INSERT INTO unbilled_usage AS u (project, customer, partition, oldest, last_offset)
     SELECT project, customer, min(partition), min(period_from), 0 FROM released
     GROUP BY project, customer ORDER BY project, customer
     ON CONFLICT (project, customer) DO UPDATE SET oldest = least(u.oldest, excluded.oldest)`,
    spansOf(closings).slice(0, 3),
  );
}

export async function queue(
  manager: EntityManager,
  entries: readonly OutboxEntry[],
): Promise<void> {
  if (entries.length === 0) return;
  await manager.query(
    `INSERT INTO outbox (topic, key, value, headers)
     SELECT topic, key, value, headers
     FROM unnest($1::text[], $2::text[], $3::text[], $4::jsonb[]) WITH ORDINALITY
       AS entry (topic, key, value, headers, place) ORDER BY place`,
    [
      entries.map(({ topic }) => topic),
      entries.map(({ key }) => key),
      entries.map(({ value }) => value),
      entries.map(({ headers }) => JSON.stringify(headers)),
    ],
  );
}

/** Moves each customer on to its oldest quarter that is neither told nor held back. */
export async function passOver(
  manager: EntityManager,
  of: readonly PlaceOfCustomer[],
): Promise<void> {
  const names = customersOf(of);
  await manager.query(
    `UPDATE unbilled_usage u SET oldest = (
       SELECT coalesce(min(p.quarter), ${NEVER}) FROM log_proof p
       WHERE p.project = u.project AND p.customer = u.customer AND p.quarter >= u.oldest
         AND NOT EXISTS (SELECT 1 FROM billing_period b
           WHERE b.project = p.project AND b.customer = p.customer
             AND b.period_from <= p.quarter AND b.period_to > p.quarter
             AND b.as_of > p.last_offset)
         AND NOT EXISTS (SELECT 1 FROM billing_held h
           WHERE h.project = p.project AND h.customer = p.customer
             AND h.period_from <= p.quarter AND h.period_to > p.quarter))
     WHERE (u.project, u.customer) IN (SELECT * FROM unnest($1::text[], $2::text[]))`,
    names,
  );
  crashPoint('billing.after-moved');
  await manager.query(
    `DELETE FROM unbilled_usage u WHERE u.oldest = ${NEVER}
       AND (u.project, u.customer) IN (SELECT * FROM unnest($1::text[], $2::text[]))`,
    names,
  );
}

/** Stands for no quarter, between two statements of one transaction. */
const NEVER = String(Number.MAX_SAFE_INTEGER);
