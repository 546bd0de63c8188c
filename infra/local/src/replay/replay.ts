import { eventOf } from './events';
import { runOf, shifted, shiftHours } from './run';
import { sendBatch, type Target } from './send';
import { isBad, readTrace, surveyTrace, type TraceRow } from './trace';

export const BATCH_EVENTS = 500;
const BATCHES_IN_FLIGHT = 4;
/** The most rows that a result names one by one; the counts are whole. */
export const MOST_NAMED = 100;

export interface ReplayOptions extends Target {
  readonly file: string;
  readonly customers: number;
  readonly models: readonly string[];
  /** Epoch milliseconds; the last row lies in the last hour that has ended by then. */
  readonly end: number;
}

export interface NamedRow {
  readonly line: number;
  readonly code: string;
  readonly detail: string;
}

export interface ReplayPlan {
  readonly run: string;
  readonly shiftHours: number;
  readonly rows: number;
  /** Of the shifted events, RFC 3339. */
  readonly firstTime: string;
  readonly lastTime: string;
}

export interface ReplayResult extends ReplayPlan {
  readonly accepted: number;
  readonly badRows: number;
  readonly rejected: number;
  /** Rows nobody knows about: sent, and not answered to the end. Send the same file again. */
  readonly unknown: number;
  readonly named: readonly NamedRow[];
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly seconds: number;
}

export interface ReplayEvents {
  planned(plan: ReplayPlan): void;
  /** Rows done so far, of `plan.rows`. */
  progress(rows: number): void;
}

/** Sends a trace through a gateway. Throws when the file can't be read or the gateway refuses. */
export async function replay(options: ReplayOptions, on: ReplayEvents): Promise<ReplayResult> {
  const from = Date.now();
  const survey = await surveyTrace(options.file);
  const hours = shiftHours(survey.lastTime, options.end);
  const plan: ReplayPlan = {
    run: runOf(survey.hash, hours),
    shiftHours: hours,
    rows: survey.rows,
    firstTime: new Date(shifted(survey.firstTime, hours)).toISOString(),
    lastTime: new Date(shifted(survey.lastTime, hours)).toISOString(),
  };
  on.planned(plan);
  const tally = new Tally(on);
  const { customers, models } = options;
  const flight = new Set<Promise<void>>();
  let failure: unknown;
  let batch: TraceRow[] = [];
  const flush = async (): Promise<void> => {
    const rows = batch;
    batch = [];
    if (rows.length === 0) return;
    while (flight.size >= BATCHES_IN_FLIGHT) await Promise.race(flight);
    const events = rows.map((row) => eventOf(row, { run: plan.run, hours, customers, models }));
    const sending = sendBatch(options, events)
      .then((sent) => tally.sent(rows, sent))
      .catch((error: unknown) => void (failure ??= error))
      .finally(() => flight.delete(sending));
    flight.add(sending);
  };
  for await (const row of readTrace(options.file)) {
    if (failure) break;
    if (isBad(row)) tally.bad(row.line, row.detail);
    else if (batch.push(row) >= BATCH_EVENTS) await flush();
  }
  if (!failure) await flush();
  await Promise.all(flight);
  if (failure) throw failure;
  return { ...plan, ...tally.sums(), seconds: (Date.now() - from) / 1_000 };
}

export class GatewayRefused extends Error {}

class Tally {
  private done = 0;
  private accepted = 0;
  private badRows = 0;
  private rejected = 0;
  private unknown = 0;
  private inputTokens = 0;
  private outputTokens = 0;
  private readonly named: NamedRow[] = [];

  constructor(private readonly on: ReplayEvents) {}

  bad(line: number, detail: string): void {
    this.badRows++;
    this.name({ line, code: 'bad-row', detail });
    this.on.progress(++this.done);
  }

  sent(rows: readonly TraceRow[], sent: Awaited<ReturnType<typeof sendBatch>>): void {
    if (sent.kind === 'refused') throw new GatewayRefused(`The gateway refused: ${sent.detail}`);
    this.done += rows.length;
    this.on.progress(this.done);
    if (sent.kind === 'unknown') {
      this.unknown += rows.length;
      const line = rows[0]?.line ?? 0;
      this.name({ line, code: 'unknown', detail: `and ${rows.length - 1} more: ${sent.detail}` });
      return;
    }
    const refused = new Set(sent.rejected.map((r) => r.index));
    for (const { index, code, detail } of sent.rejected) {
      this.name({ line: rows[index]?.line ?? 0, code, detail });
    }
    this.accepted += sent.accepted;
    this.rejected += rows.length - sent.accepted;
    for (const row of rows.filter((_, i) => !refused.has(i))) {
      this.inputTokens += row.inputTokens;
      this.outputTokens += row.outputTokens;
    }
  }

  sums() {
    const { accepted, badRows, rejected, unknown, named, inputTokens, outputTokens } = this;
    return { accepted, badRows, rejected, unknown, named, inputTokens, outputTokens };
  }

  private name(row: NamedRow): void {
    if (this.named.length < MOST_NAMED) this.named.push(row);
  }
}
