import {
  addAmounts,
  addProofs,
  joinFields,
  PROOF_MODULUS,
  quarterOf,
  takeAmounts,
  takeProof,
  UNITS,
  zeroAmounts,
  type LoggedEvent,
  type Unit,
  type UsageEvent,
} from '@tallyward/domain';
import type { EntityManager } from 'typeorm';
import { UNIT_COLUMNS } from '../clickhouse/columns';

const COLUMNS = UNITS.map((unit) => UNIT_COLUMNS[unit]);

/** What the log says of one customer in one quarter of an hour. */
interface ProofRow {
  readonly project: string;
  readonly customer: string;
  readonly quarter: number;
  first: bigint;
  last: bigint;
  readonly amounts: Record<Unit, number>;
  proof: bigint;
}

/** What one batch adds of one partition, and what voids take back; each at its own offset. */
export interface ProvenBatch {
  readonly partition: number;
  readonly counted: readonly LoggedEvent[];
  readonly takenBack: readonly Pick<LoggedEvent, 'offset' | 'event'>[];
}

/** Adds what a batch proves, in the transaction of its keys. */
export async function keepProofs(
  manager: EntityManager,
  { partition, counted, takenBack }: ProvenBatch,
  proofOf: (event: UsageEvent) => bigint,
): Promise<void> {
  const rows = rowsOf(counted, takenBack, proofOf);
  if (rows.length === 0) return;
  await manager.query(ADD_PROOFS, [
    partition,
    rows.map(({ project }) => project),
    rows.map(({ customer }) => customer),
    rows.map(({ quarter }) => quarter),
    rows.map(({ first }) => first.toString()),
    rows.map(({ last }) => last.toString()),
    rows.map(({ proof }) => proof.toString()),
    ...UNITS.map((unit) => rows.map(({ amounts }) => amounts[unit])),
  ]);
  await manager.query(MARK_UNBILLED, [
    partition,
    rows.map(({ project }) => project),
    rows.map(({ customer }) => customer),
    rows.map(({ quarter }) => quarter),
    rows.map(({ last }) => last.toString()),
  ]);
}

const ADD_PROOFS = `
  INSERT INTO log_proof AS p (partition, project, customer, quarter, first_offset, last_offset,
    proof, ${COLUMNS.join(', ')})
  SELECT $1::smallint, n.* FROM unnest($2::text[], $3::text[], $4::bigint[], $5::bigint[],
    $6::bigint[], $7::numeric[], ${COLUMNS.map((_, at) => `$${at + 8}::bigint[]`).join(', ')}) AS n
  ON CONFLICT (project, customer, quarter) DO UPDATE SET last_offset = excluded.last_offset,
    proof = (p.proof + excluded.proof) % ${PROOF_MODULUS},
    ${COLUMNS.map((column) => `${column} = p.${column} + excluded.${column}`).join(', ')}`;

const MARK_UNBILLED = `
  INSERT INTO unbilled_usage AS u (partition, project, customer, oldest, last_offset)
  SELECT $1::smallint, n.project, n.customer, min(n.quarter), max(n.last)
  FROM unnest($2::text[], $3::text[], $4::bigint[], $5::bigint[])
    AS n (project, customer, quarter, last)
  GROUP BY n.project, n.customer ORDER BY n.project, n.customer
  ON CONFLICT (project, customer) DO UPDATE SET last_offset = excluded.last_offset,
    oldest = least(u.oldest, excluded.oldest)`;

/** In the order of their keys, so that no two transactions wait for each other in a circle. */
function rowsOf(
  counted: ProvenBatch['counted'],
  takenBack: ProvenBatch['takenBack'],
  proofOf: (event: UsageEvent) => bigint,
): ProofRow[] {
  const rows = new Map<string, ProofRow>();
  for (const { offset, event } of counted) {
    const row = rowOf(rows, event, offset);
    addAmounts(row.amounts, event.amounts);
    row.proof = addProofs(row.proof, proofOf(event));
  }
  for (const { offset, event } of takenBack) {
    const row = rowOf(rows, event, offset);
    takeAmounts(row.amounts, event.amounts);
    row.proof = takeProof(row.proof, proofOf(event));
  }
  return [...rows].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row);
}

function rowOf(
  rows: Map<string, ProofRow>,
  { project, customer, time }: UsageEvent,
  offset: bigint,
): ProofRow {
  const quarter = quarterOf(time);
  const key = joinFields([project, customer, quarter]);
  const found = rows.get(key);
  if (found) {
    if (offset < found.first) found.first = offset;
    if (offset > found.last) found.last = offset;
    return found;
  }
  const none = { amounts: zeroAmounts(), proof: 0n };
  const row = { project, customer, quarter, first: offset, last: offset, ...none };
  rows.set(key, row);
  return row;
}
