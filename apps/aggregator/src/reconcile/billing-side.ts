import {
  addAmounts,
  addProofs,
  joinFields,
  UNITS,
  type TotalsRow,
  type Unit,
} from '@tallyward/domain';
import type { StoredPeriod } from '../storage/postgres/billing/audited-billing';
import { zeroSums, type SideSums } from './audit';
import { readRecord, recordFault } from './record-fault';
import type { QuarterRows } from './quarters';
import { Found, type Told } from './reported';

/** What one partition's closed periods come to. */
export interface BillingResult {
  /** What was told of the periods that were compared: the sums of all deltas. */
  readonly billed: SideSums;
  /** What the log says of the same periods. */
  readonly log: SideSums;
  readonly periods: number;
  /** Closed periods with usage that no record tells yet: they are not compared. */
  readonly unbilled: number;
  readonly found: Told;
}

/** A model and a unit of a period, over all tiers that it was used under. */
interface Line {
  readonly modelGroup: string;
  readonly model: string;
  readonly unit: Unit;
  logged: number;
  /** The sum of all deltas, and of the latest revisions' quantities. */
  told: number;
  latest: number;
}

interface OpenPeriod {
  readonly of: StoredPeriod;
  readonly log: SideSums;
  readonly lines: Map<string, Line>;
  /** Records whose columns say otherwise than what went out. */
  readonly faults: readonly { readonly recordId: string; readonly fault: string }[];
}

/**
 * One partition's closed periods, in order of their start: what all records of a period tell must
 * come to what the log says of it. Holds the periods that the log is passing, of each customer one.
 */
export class BillingSide {
  private readonly open = new Map<string, OpenPeriod>();
  private readonly billed = zeroSums();
  private readonly log = zeroSums();
  private readonly found = new Found();
  private readonly counts = { periods: 0, unbilled: 0 };
  private ahead: StoredPeriod | undefined;
  private begun = false;

  /** `upTo`, `provenUpTo`: next offset of the log as it is compared, and of the proofs. */
  constructor(
    private readonly periods: AsyncIterator<StoredPeriod>,
    private readonly upTo: bigint,
    private readonly provenUpTo: bigint,
  ) {}

  /** Takes the log's quarters before `limit`, which come in order. */
  async take(log: ReadonlyMap<number, QuarterRows>, limit: number): Promise<void> {
    for (const [quarter, rows] of log) {
      await this.openUntil(quarter);
      for (const row of rows.values()) this.count(quarter, row);
    }
    if (limit !== Infinity) return;
    await this.openUntil(Infinity);
    for (const period of this.open.values()) this.close(period);
    this.open.clear();
  }

  result(): BillingResult {
    return { billed: this.billed, log: this.log, ...this.counts, found: this.found.told() };
  }

  private async openUntil(quarter: number): Promise<void> {
    if (!this.begun) await this.advance();
    this.begun = true;
    for (const [name, period] of this.open) {
      if (period.of.to > quarter) continue;
      this.close(period);
      this.open.delete(name);
    }
    while (this.ahead && this.ahead.from <= quarter) {
      const name = joinFields([this.ahead.project, this.ahead.customer]);
      const before = this.open.get(name);
      if (before) this.close(before);
      this.open.set(name, openPeriod(this.ahead));
      await this.advance();
    }
  }

  private async advance(): Promise<void> {
    const next = await this.periods.next();
    this.ahead = next.done ? undefined : next.value;
  }

  private count(quarter: number, { key, amounts, proof }: TotalsRow): void {
    const period = this.open.get(joinFields([key.project, key.customer]));
    if (!period || quarter < period.of.from || quarter >= period.of.to) return;
    addAmounts(period.log.amounts, amounts);
    period.log.proof = addProofs(period.log.proof, proof);
    for (const unit of UNITS) {
      if (amounts[unit] > 0) lineIn(period.lines, { ...key, unit }).logged += amounts[unit];
    }
  }

  private close({ of, log, lines, faults }: OpenPeriod): void {
    for (const { recordId, fault } of faults) this.tell(of, `record ${recordId}`, fault);
    const { last, asOf, isMarked } = of;
    const isLater = last >= this.upTo && last < this.provenUpTo;
    if (isLater || (isMarked && last >= asOf)) {
      this.counts.unbilled += 1;
      return;
    }
    this.compare(of, log, lines);
    this.counts.periods += 1;
    addAmounts(this.log.amounts, log.amounts);
    this.log.proof = addProofs(this.log.proof, log.proof);
    for (const { unit, told } of lines.values()) this.billed.amounts[unit] += told;
    this.billed.proof = addProofs(this.billed.proof, of.proof);
  }

  private compare(of: StoredPeriod, log: SideSums, lines: ReadonlyMap<string, Line>): void {
    for (const { modelGroup, model, unit, logged, told, latest } of lines.values()) {
      const line = `${modelGroup}/${model}/${unit}`;
      if (told !== logged) this.tell(of, line, `${unit}: log ${logged}, billed ${told}`);
      else if (latest !== told) {
        this.tell(of, line, `the deltas come to ${told}, the latest revisions to ${latest}`);
      }
    }
    const { calls } = log.amounts;
    if (of.events !== calls) this.tell(of, 'period', `events: log ${calls}, here ${of.events}`);
    else if (of.proof !== log.proof) {
      this.tell(of, 'period', 'the events agree, the proof does not');
    }
  }

  private tell({ project, customer, from }: StoredPeriod, what: string, detail: string): void {
    const row = `${project} ${customer} ${new Date(from).toISOString()} ${what}`;
    this.found.add({ kind: 'row', side: 'billing', project, customer, row, detail });
  }
}

type LineName = Pick<Line, 'modelGroup' | 'model' | 'unit'>;

function lineIn(lines: Map<string, Line>, { modelGroup, model, unit }: LineName): Line {
  const text = joinFields([modelGroup, model, unit]);
  let line = lines.get(text);
  if (!line) {
    const none = { logged: 0, told: 0, latest: 0 };
    lines.set(text, (line = { modelGroup, model, unit, ...none }));
  }
  return line;
}

/** A period with what its records tell, by line, and nothing of the log yet. */
function openPeriod(of: StoredPeriod): OpenPeriod {
  const lines = new Map<string, Line>();
  const faults: { recordId: string; fault: string }[] = [];
  const latest = new Map<string, readonly [Line, number]>();
  for (const record of of.records) {
    const out = readRecord(record);
    const fault = recordFault(of, record, out);
    if (fault) faults.push({ recordId: record.recordId, fault });
    const line = lineIn(lines, record);
    line.told += out?.delta ?? 0;
    const { tier, tierVersion, modelGroup, model, unit } = record;
    const text = joinFields([tier, tierVersion, modelGroup, model, unit]);
    // They come in the order of their revisions.
    latest.set(text, [line, record.quantity]);
  }
  for (const [line, quantity] of latest.values()) line.latest += quantity;
  return { of, log: zeroSums(), lines, faults };
}
