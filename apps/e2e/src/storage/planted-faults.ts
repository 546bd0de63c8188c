import { UNITS } from '@tallyward/domain';
import { clickHouseClient } from '@tallyward/platform';
import type { Client } from 'pg';

/** Where a fault is planted, as reconcile calls the sides. */
export const FAULTY_SIDES = ['totals', 'warehouse', 'proofs', 'billing'] as const;
export type FaultySide = (typeof FAULTY_SIDES)[number];
export const FAULTS = ['missing', 'doubled', 'changed', 'moved'] as const;
export type Fault = (typeof FAULTS)[number];

/** One fault among all that is stored. */
export interface Planted {
  readonly customer: string;
  /** The event, or the record, whose part it is. */
  readonly of: string;
  undo(): Promise<void>;
}

type Warehouse = ReturnType<typeof clickHouseClient>;

const snake = (unit: string): string => unit.replaceAll(/[A-Z]/g, (c) => `_${c.toLowerCase()}`);
const COLUMNS = UNITS.map(snake);
const MODULUS = 2n ** 128n;
/** Mutations end before the answer; the same rows again are not taken for the same insert. */
const AT_ONCE = { mutations_sync: '2', insert_deduplicate: 0 } as const;
const PROOF_FIELDS = [
  ...['{to:String}', 'source', 'event_id', 'toString(toUnixTimestamp64Milli(time))'],
  ...['toString(model)', 'toString(model_group)', 'workspace', '`user`', 'role'],
  ...COLUMNS.map((column) => `toString(${column})`),
];
const PROOF = `toString(reinterpretAsUInt128(MD5(concat(${PROOF_FIELDS.map(
  (field) => `toString(length(${field})), ':', ${field}`,
).join(', ')}))))`;
/** The table of the one event that a fault of the warehouse is made of. */
const KEPT = 'planted_fault';

interface StoredEvent {
  readonly customer: string;
  readonly quarter: string;
  readonly model: string;
  readonly proof: string;
  readonly [unit: string]: string;
}

/** Plants single faults into the stores, as errors make them, and takes them out again. */
export class FaultPlanter {
  constructor(
    private readonly postgres: Client,
    private readonly warehouse: Warehouse,
  ) {}

  /** Into one event's part of a side, or into one of its records; moved ones go to `to`. */
  plant(side: FaultySide, fault: Fault, eventId: string, to: string): Promise<Planted> {
    if (side === 'warehouse') return this.inWarehouse(fault, eventId, to);
    if (side === 'billing') return this.inRecords(fault, eventId, to);
    const table = side === 'totals' ? 'entitlement.usage_total' : 'aggregator.log_proof';
    return this.inSums(table, fault, eventId, to);
  }

  private async event(id: string, to?: string): Promise<StoredEvent> {
    const answer = await this.warehouse.query({
      query: `SELECT customer, toString(toUnixTimestamp64Milli(quarter)) AS quarter, model,
        ${COLUMNS.map((column) => `toString(${column}) AS ${column}`).join(', ')},
        ${to === undefined ? PROOF.replaceAll('{to:String}', 'customer') : PROOF} AS proof
        FROM usage_events WHERE event_id = {id:String}`,
      query_params: { id, to },
      format: 'JSONEachRow',
    });
    const [event] = await answer.json<StoredEvent>();
    if (!event) throw new Error(`no event ${id}`);
    return event;
  }

  private async inSums(table: string, fault: Fault, id: string, to: string): Promise<Planted> {
    const event = await this.event(id);
    const moved = { ...event, customer: to, proof: (await this.event(id, to)).proof };
    const more = { ...event, ...Object.fromEntries(COLUMNS.map((column) => [column, '0'])) };
    const steps: readonly (readonly [StoredEvent, bigint])[] = {
      missing: [[event, -1n] as const],
      doubled: [[event, 1n] as const],
      changed: [[{ ...more, proof: '0', tokens: '1' }, 1n] as const],
      moved: [[event, -1n] as const, [moved, 1n] as const],
    }[fault];
    for (const [one, times] of steps) await this.shift(table, one, times);
    return {
      customer: event.customer,
      of: id,
      undo: async () => {
        for (const [one, times] of steps) await this.shift(table, one, -times);
      },
    };
  }

  /** Adds an event to one row of its customer so many times. */
  private async shift(table: string, event: StoredEvent, times: bigint): Promise<void> {
    const sums = COLUMNS.map((column) => {
      return `${column} = ${column} + (${times * BigInt(event[column] ?? 0)})`;
    });
    const proof = (MODULUS + times * BigInt(event.proof)) % MODULUS;
    const { rowCount } = await this.postgres.query(
      `UPDATE ${table} SET ${sums.join(', ')}, proof = (proof + ${proof}) % ${MODULUS}
       WHERE ctid = (SELECT ctid FROM ${table} t WHERE customer = $1 AND quarter = $2
         AND coalesce(to_jsonb(t) ->> 'model', $3) = $3 LIMIT 1)`,
      [event.customer, event.quarter, event.model],
    );
    if (rowCount !== 1) throw new Error(`${event.customer} has no row in ${table}`);
  }

  private async inWarehouse(fault: Fault, id: string, to: string): Promise<Planted> {
    const { customer } = await this.event(id);
    const run = (query: string) =>
      this.warehouse.command({ query, query_params: { id, to }, clickhouse_settings: AT_ONCE });
    const without = () => run('ALTER TABLE usage_events DELETE WHERE event_id = {id:String}');
    const again = (columns = '*') => run(`INSERT INTO usage_events SELECT ${columns} FROM ${KEPT}`);
    await run(`DROP TABLE IF EXISTS ${KEPT}`);
    await run(`CREATE TABLE ${KEPT} AS usage_events`);
    await run(`INSERT INTO ${KEPT} SELECT * FROM usage_events WHERE event_id = {id:String}`);
    if (fault !== 'doubled') await without();
    if (fault === 'doubled') await again();
    if (fault === 'changed') await again('* REPLACE (output_tokens + 1 AS output_tokens)');
    if (fault === 'moved') await again('* REPLACE ({to:String} AS customer)');
    return {
      ...{ customer, of: id },
      undo: async () => {
        await without();
        await again();
        await run(`DROP TABLE ${KEPT}`);
      },
    };
  }

  /** The record of the event's calls. */
  private async inRecords(fault: Fault, eventId: string, to: string): Promise<Planted> {
    const { customer, model } = await this.event(eventId);
    const found = await this.postgres.query<Record<string, string>>(
      `SELECT * FROM aggregator.billing_record
       WHERE customer = $1 AND model = $2 AND unit = 'calls' ORDER BY place LIMIT 1`,
      [customer, model],
    );
    const record = found.rows[0];
    if (!record) throw new Error(`${customer} has no record of ${model}`);
    const { record_id: id = '', value = '' } = record;
    const told = JSON.parse(value) as Record<string, unknown>;
    const quantity = Number(record['quantity']) + 1;
    if (fault !== 'doubled') await this.remove([id]);
    if (fault === 'doubled') await this.add({ ...record, ...again(told, { recordId: `${id}-2` }) });
    if (fault === 'changed') {
      await this.add({
        ...record,
        ...again(told, { quantity, included: quantity, delta: quantity }),
      });
    }
    if (fault === 'moved') {
      await this.add({ ...record, ...again(told, { customer: to, revision: 9 }) });
    }
    return {
      ...{ customer, of: id },
      undo: async () => {
        await this.remove([id, `${id}-2`]);
        await this.add(record);
      },
    };
  }

  /** Without the trigger that refuses it. */
  private async remove(ids: readonly string[]): Promise<void> {
    const table = 'aggregator.billing_record';
    await this.postgres.query('BEGIN');
    await this.postgres.query(`ALTER TABLE ${table} DISABLE TRIGGER USER`);
    await this.postgres.query(`DELETE FROM ${table} WHERE record_id = ANY ($1)`, [ids]);
    await this.postgres.query(`ALTER TABLE ${table} ENABLE TRIGGER USER`);
    await this.postgres.query('COMMIT');
  }

  private async add(record: Record<string, unknown>): Promise<void> {
    await this.postgres.query(
      `INSERT INTO aggregator.billing_record OVERRIDING SYSTEM VALUE
       SELECT * FROM jsonb_populate_record(NULL::aggregator.billing_record, $1)`,
      [JSON.stringify(record)],
    );
  }
}

/** A record's columns and what went out, changed alike: nothing but the sums can tell. */
function again(told: Record<string, unknown>, change: Record<string, unknown>) {
  const next = { ...told, revision: Number(told['revision']), ...change };
  if ('recordId' in change) next.revision += 1;
  const columns = Object.entries({ ...change, revision: next.revision }).filter(
    ([name]) => !['included', 'delta'].includes(name),
  );
  return {
    ...Object.fromEntries(columns.map(([name, value]) => [snake(name), value])),
    value: JSON.stringify(next),
  };
}
