import { totalsKeyText, type TotalsRow } from '@tallyward/domain';

/** Rows of one quarter of an hour, by key text. */
export type QuarterRows = ReadonlyMap<string, TotalsRow>;

/** Takes rows that come in order of their quarter, a quarter at a time, holding one row ahead. */
export class QuarterReader {
  private ahead: TotalsRow | undefined;
  private begun = false;

  constructor(private readonly rows: AsyncIterator<TotalsRow>) {}

  /** The next quarter's rows, if that quarter starts before `limit`; else undefined. */
  async next(limit: number): Promise<{ quarter: number; rows: QuarterRows } | undefined> {
    if (!this.begun) await this.advance();
    this.begun = true;
    const quarter = this.ahead?.key.quarter;
    if (quarter === undefined || quarter >= limit) return undefined;
    const rows = new Map<string, TotalsRow>();
    while (this.ahead?.key.quarter === quarter) {
      rows.set(totalsKeyText(this.ahead.key), this.ahead);
      await this.advance();
    }
    return { quarter, rows };
  }

  private async advance(): Promise<void> {
    const next = await this.rows.next();
    this.ahead = next.done ? undefined : next.value;
  }
}
