import { metrics } from '@opentelemetry/api';
import type { LogLogger } from '@tallyward/platform';
import type { Closing, HeldBack } from './closing';

function make() {
  const meter = metrics.getMeter('tallyward-billing');
  return {
    periods: meter.createCounter('tallyward_billing_periods_closed_total', {
      description: "Customers' periods that were closed, revisions included",
    }),
    records: meter.createCounter('tallyward_billing_records_total', {
      description: 'Billing records that were written',
    }),
    held: meter.createGauge('tallyward_billing_periods_held_back', {
      description: 'Periods that are over and of which nothing goes out: their proofs differ',
    }),
    unknown: meter.createCounter('tallyward_billing_waits_total', {
      description: 'Looks that closed nothing, by reason',
    }),
    seconds: meter.createHistogram('tallyward_billing_look_seconds', {
      description: 'Time of one look for periods to close',
      unit: 's',
    }),
  };
}

let made: ReturnType<typeof make> | undefined;
/** Made when first used: what is made before telemetry starts counts nothing, for ever. */
const billingMetrics = (): ReturnType<typeof make> => (made ??= make());

/** Where what happens to closing becomes metric and log line. */
export class ClosingEvents {
  constructor(private readonly lines: Pick<LogLogger, 'info' | 'warn'>) {}

  closed(closings: readonly Closing[]): void {
    if (closings.length === 0) return;
    const records = closings.reduce((sum, closing) => sum + closing.records.length, 0);
    billingMetrics().periods.add(closings.length);
    billingMetrics().records.add(records);
    this.lines.info({ periods: closings.length, records }, 'closed periods');
  }

  heldBack({ project, customer, period, reason, differences }: HeldBack): void {
    const about = { project, customer, from: period.from, to: period.to };
    this.lines.warn(
      { ...about, reason, differences: differences.length },
      'a period is held back: its proofs differ',
    );
  }

  held(count: number): void {
    billingMetrics().held.record(count);
  }

  waits(reason: 'behind' | 'engines' | 'limits', error?: unknown): void {
    billingMetrics().unknown.add(1, { reason });
    if (error !== undefined) this.lines.warn({ reason, err: error }, 'closing waits');
  }

  looked(seconds: number): void {
    billingMetrics().seconds.record(seconds);
  }
}
