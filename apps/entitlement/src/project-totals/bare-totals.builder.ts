import { foldTotals, UNITS, type TotalsRow } from '@tallyward/domain';
import type { LogBatch } from '@tallyward/platform';
import { inFlight, type Bare } from '@tallyward/testing';
import { Pool, type PoolClient } from 'pg';
import { UNIT_COLUMNS } from '../storage/totals/tables';
import { proofOf } from './digests';
import { readBatch, type Candidate } from './read-batch';

const AT_ONCE = 4;
const MODULUS = (1n << 128n).toString();

/** What is written, with nothing left to find out: neither read, nor checked, nor folded. */
interface Ready {
  readonly partition: number;
  readonly next: bigint;
  readonly events: number;
  readonly keys: readonly unknown[][];
  readonly totals: readonly unknown[][];
}

/** Room for updates in place, as the fold's own tables have it: LIKE does not copy that. */
const FILL = { log_progress: 20, usage_key: 100, usage_total: 80 } as const;
const shapeOf = (table: string, fill: number): string =>
  `(LIKE entitlement.${table} INCLUDING ALL) WITH (fillfactor = ${fill})`;

/**
 * For the benchmark: Postgres alone, with tables of the same shape and the arrays made before the
 * clock starts.
 */
export class BareTotals {
  private constructor(private readonly pool: Pool) {}

  static async open(url: string): Promise<BareTotals> {
    const pool = new Pool({ connectionString: url, max: AT_ONCE });
    for (const [table, fill] of Object.entries(FILL)) {
      await pool.query(`CREATE TABLE entitlement.bare_${table} ${shapeOf(table, fill)}`);
    }
    await pool.query(
      'INSERT INTO entitlement.bare_log_progress SELECT * FROM entitlement.log_progress',
    );
    const alone = shapeOf('usage_total', FILL.usage_total);
    await pool.query(`CREATE TABLE entitlement.alone_usage_total ${alone}`);
    return new BareTotals(pool);
  }

  close(): Promise<void> {
    return this.pool.end();
  }

  /** One transaction writes keys, totals and the offset. */
  keysTotalsAndOffset(take: () => LogBatch[][], budget: number): Bare {
    return this.side('unnest: keys, totals, offset', take, budget, async (client, ready) => {
      await client.query('BEGIN');
      await client.query(KEYS, [ready.partition, ...ready.keys]);
      await client.query(totalsStatement('bare_usage_total'), [ready.partition, ...ready.totals]);
      await client.query(OFFSET, [ready.partition, String(ready.next)]);
      await client.query('COMMIT');
    });
  }

  /** Without keys nothing is counted once: what the totals' rows cost by themselves. */
  totalsAlone(take: () => LogBatch[][]): Bare {
    return this.side('unnest: totals alone', take, undefined, async (client, ready) => {
      await client.query(totalsStatement('alone_usage_total'), [ready.partition, ...ready.totals]);
    });
  }

  private side(
    name: string,
    take: () => LogBatch[][],
    budget: number | undefined,
    write: (client: PoolClient, ready: Ready) => Promise<void>,
  ): Bare {
    let lists: Ready[][] = [];
    return {
      name,
      ...(budget === undefined ? {} : { budget }),
      prepare: () => void (lists = take().map((batches) => batches.map(readyOf))),
      run: async () => {
        await inFlight(lists, AT_ONCE, async (list) => {
          const client = await this.pool.connect();
          try {
            for (const ready of list) await write(client, ready);
          } finally {
            client.release();
          }
        });
        return lists.flat().reduce((sum, { events }) => sum + events, 0);
      },
    };
  }
}

function readyOf(batch: LogBatch): Ready {
  const { partition, next, ...read } = readBatch(batch);
  const candidates = read.candidates.filter((one): one is Candidate => one.event !== null);
  const rows = foldTotals(
    candidates.map(({ event }) => event),
    proofOf,
  );
  return {
    partition,
    next,
    events: candidates.length,
    keys: keyArrays([...candidates].sort((a, b) => (a.identity < b.identity ? -1 : 1))),
    totals: totalsArrays([...rows].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row)),
  };
}

const keyArrays = (candidates: readonly Candidate[]): unknown[][] => [
  candidates.map(({ identity }) => identity),
  candidates.map(({ offset }) => String(offset)),
  candidates.map(({ event }) => event.content),
  candidates.map(({ event }) => event.time),
];

const LABELS = ['project', 'customer', 'workspace', 'user', 'role', 'model', 'modelGroup'] as const;

const totalsArrays = (rows: readonly TotalsRow[]): unknown[][] => [
  ...LABELS.map((label) => rows.map(({ key }) => key[label])),
  rows.map(({ key }) => key.quarter),
  ...UNITS.map((unit) => rows.map(({ amounts }) => amounts[unit])),
  rows.map(({ proof }) => String(proof)),
];

const KEYS = `
  INSERT INTO entitlement.bare_usage_key (identity, partition, "offset", content, time)
  SELECT decode(identity, 'hex'), $1, "offset", decode(content, 'hex'), time
  FROM unnest($2::text[], $3::bigint[], $4::text[], $5::bigint[])
    AS given(identity, "offset", content, time)
  ON CONFLICT (identity) DO NOTHING`;
const OFFSET = `
  UPDATE entitlement.bare_log_progress SET next_offset = $2 WHERE partition = $1`;
const TOTALS_KEY = 'project, customer, quarter, workspace, "user", role, model, model_group';

function totalsStatement(table: string): string {
  const labels = 'project, customer, workspace, "user", role, model, model_group, quarter';
  const types = [...LABELS.map(() => 'text[]'), ...UNITS.map(() => 'bigint[]'), 'bigint[]'];
  const arrays = [...types, 'numeric[]'].map((type, i) => `$${i + 2}::${type}`);
  const adds = UNIT_COLUMNS.map((unit) => `${unit} = total.${unit} + excluded.${unit}`);
  return `
    INSERT INTO entitlement.${table} AS total
      (partition, ${labels}, ${UNIT_COLUMNS.join(', ')}, proof)
    SELECT $1, * FROM unnest(${arrays.join(', ')})
    ON CONFLICT (${TOTALS_KEY}) DO UPDATE SET ${adds.join(', ')},
      proof = (total.proof + excluded.proof) % ${MODULUS}`;
}
