import type { BillingRecord } from '@tallyward/contracts';
import { amountsRecord, type TotalsRow } from '@tallyward/domain';
import { UNIT_COLUMNS } from '../../clickhouse/columns';
import type { AuditedTotals, AuditScope } from '../audited-totals';
import { sideOf, type SumsRow } from './billing-sums';

/** Rows and periods fetched at a time: bounds the memory of a reading of any length. */
const FETCH_ROWS = 5_000;
const FETCH_PERIODS = 200;

/** What the log proves of a customer's quarter, as a totals row without labels. */
export interface ProofRow extends TotalsRow {
  /** The last event's offset. */
  readonly last: bigint;
}

/** A record, as its columns have it and as it went out. */
export interface StoredRecord {
  readonly recordId: string;
  readonly revision: number;
  readonly tier: string;
  readonly tierVersion: number;
  readonly modelGroup: string;
  readonly model: string;
  readonly unit: BillingRecord['unit'];
  readonly quantity: number;
  readonly overage: number;
  readonly events: number;
  readonly proof: bigint;
  readonly value: string;
}

/** A period as it was closed last, with all its records. */
export interface StoredPeriod {
  readonly project: string;
  readonly customer: string;
  /** Epoch ms, half-open. */
  readonly from: number;
  readonly to: number;
  /** Every event of the customer before this offset is in. */
  readonly asOf: bigint;
  readonly events: number;
  readonly proof: bigint;
  readonly records: readonly StoredRecord[];
  /** The last event that the log proves of the period; -1: none. */
  readonly last: bigint;
  /** It has usage that is to be told: its customer is marked for that, or it is held back. */
  readonly isMarked: boolean;
}

export interface OrphanRecord {
  readonly project: string;
  readonly customer: string;
  readonly from: number;
  readonly recordId: string;
}

/** What the aggregator holds of proofs and bills, as of one snapshot, read as the auditor. */
export class AuditedBilling {
  constructor(private readonly snapshot: AuditedTotals) {}

  /** Next offset of the proofs, by partition. */
  async provenUpTo(): Promise<Map<number, bigint>> {
    const rows = await this.snapshot.query<{ partition: number; next_offset: string }>(
      "SELECT partition, next_offset FROM aggregator.log_progress WHERE fold = 'proofs'",
      [],
    );
    return new Map(rows.map((row) => [row.partition, BigInt(row.next_offset)]));
  }

  /** One partition's proofs in order of their quarter. */
  async *proofs(partition: number, scope: AuditScope): AsyncGenerator<ProofRow> {
    const sql = `SELECT * FROM aggregator.log_proof WHERE partition = $1
      AND ($2::text IS NULL OR customer = $2) AND ($3::bigint IS NULL OR quarter >= $3)
      AND ($4::bigint IS NULL OR quarter < $4) ORDER BY quarter`;
    yield* this.rows('proofs', sql, partition, scope, FETCH_ROWS, proofRowOf);
  }

  /** One partition's closed periods that lie within the scope, in order of their start. */
  async *periods(partition: number, scope: AuditScope): AsyncGenerator<StoredPeriod> {
    yield* this.rows('periods', PERIODS, partition, scope, FETCH_PERIODS, periodOf);
  }

  /** Records of no closed period, as many as are asked for. */
  async orphans({ customer, from, to }: AuditScope, most: number): Promise<OrphanRecord[]> {
    const rows = await this.snapshot.query<Record<string, string>>(
      `SELECT project, customer, period_from, record_id FROM aggregator.billing_record r
       WHERE ($1::text IS NULL OR customer = $1) AND ($2::bigint IS NULL OR period_from >= $2)
         AND ($3::bigint IS NULL OR period_from < $3)
         AND NOT EXISTS (SELECT FROM aggregator.billing_period b WHERE b.project = r.project
           AND b.customer = r.customer AND b.period_from = r.period_from)
       ORDER BY place LIMIT $4`,
      [customer, from, to, most],
    );
    return rows.map((row) => ({
      project: row['project'] ?? '',
      customer: row['customer'] ?? '',
      from: Number(row['period_from']),
      recordId: row['record_id'] ?? '',
    }));
  }

  private async *rows<R, T>(
    what: 'proofs' | 'periods',
    sql: string,
    partition: number,
    { customer, from, to }: AuditScope,
    fetched: number,
    of: (row: R) => T,
  ): AsyncGenerator<T> {
    const parameters = [partition, customer, from, to];
    const cursor = `${what}_${partition}`;
    await this.snapshot.query(`DECLARE ${cursor} NO SCROLL CURSOR FOR ${sql}`, parameters);
    for (;;) {
      const rows = await this.snapshot.query<R>(`FETCH ${fetched} FROM ${cursor}`, []);
      for (const row of rows) yield of(row);
      if (rows.length < fetched) break;
    }
    await this.snapshot.query(`CLOSE ${cursor}`, []);
  }
}

const OF_PERIOD = 'x.project = b.project AND x.customer = b.customer';
const PERIODS = `SELECT b.*,
    (SELECT max(x.last_offset) FROM aggregator.log_proof x WHERE ${OF_PERIOD}
      AND x.quarter >= b.period_from AND x.quarter < b.period_to) AS last,
    EXISTS (SELECT FROM aggregator.unbilled_usage x WHERE ${OF_PERIOD} AND x.oldest < b.period_to)
      OR EXISTS (SELECT FROM aggregator.billing_held x WHERE ${OF_PERIOD}
        AND x.period_from = b.period_from) AS marked,
    (SELECT json_agg(json_build_object('recordId', x.record_id, 'revision', x.revision,
        'tier', x.tier, 'tierVersion', x.tier_version, 'modelGroup', x.model_group,
        'model', x.model, 'unit', x.unit, 'quantity', x.quantity, 'overage', x.overage,
        'events', x.events, 'proof', x.proof::text, 'value', x.value) ORDER BY x.revision)
      FROM aggregator.billing_record x WHERE ${OF_PERIOD} AND x.period_from = b.period_from)
      AS records
  FROM aggregator.billing_period b WHERE b.partition = $1
    AND ($2::text IS NULL OR b.customer = $2) AND ($3::bigint IS NULL OR b.period_from >= $3)
    AND ($4::bigint IS NULL OR b.period_to <= $4) ORDER BY b.period_from`;

const NO_LABELS = { workspace: '', user: '', role: '', model: '', modelGroup: '' };

function proofRowOf(row: SumsRow): ProofRow {
  const text = (name: string): string => row[name] ?? '';
  const key = { project: text('project'), customer: text('customer'), ...NO_LABELS };
  const amounts = amountsRecord((unit) => Number(row[UNIT_COLUMNS[unit]]));
  return {
    key: { ...key, quarter: Number(row['quarter']) },
    amounts,
    proof: sideOf(row).proof,
    last: BigInt(text('last_offset')),
  };
}

interface PeriodRow {
  project: string;
  customer: string;
  period_from: string;
  period_to: string;
  as_of: string;
  events: string;
  proof: string;
  last: string | null;
  marked: boolean;
  records: (Omit<StoredRecord, 'proof'> & { proof: string })[] | null;
}

function periodOf(row: PeriodRow): StoredPeriod {
  const { project, customer, as_of: asOf, events, proof, last, marked, records } = row;
  return {
    ...{ project, customer, isMarked: marked },
    from: Number(row.period_from),
    to: Number(row.period_to),
    asOf: BigInt(asOf),
    events: Number(events),
    proof: BigInt(proof),
    last: BigInt(last ?? '-1'),
    records: (records ?? []).map((each) => ({ ...each, proof: BigInt(each.proof) })),
  };
}
