import { shifted } from './run';
import type { TraceRow } from './trace';

export const REPLAY_SOURCE = 'replay';

export interface Spread {
  readonly run: string;
  readonly hours: number;
  readonly customers: number;
  readonly models: readonly string[];
}

export const customerOf = (row: number, customers: number): string => `customer-${row % customers}`;

/** A row of a trace as the CloudEvent that is sent; the same every time. */
export function eventOf(row: TraceRow, { run, hours, customers, models }: Spread) {
  return {
    specversion: '1.0',
    id: `${run}-${row.row}`,
    source: REPLAY_SOURCE,
    type: 'llm.usage.v1',
    subject: customerOf(row.row, customers),
    time: new Date(shifted(row.time, hours)).toISOString(),
    data: {
      model: models[row.row % models.length],
      inputTokens: row.inputTokens,
      outputTokens: row.outputTokens,
    },
  };
}
