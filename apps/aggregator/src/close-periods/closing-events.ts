import { metrics } from '@opentelemetry/api';
import type { LogLogger } from '@tallyward/platform';
import type { Closing, HeldBack } from './closing';
import type { ClosingHealth, DuePass, WaitReason } from './closing-health';

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
    oldest: meter.createObservableGauge('tallyward_billing_oldest_due_seconds', {
      description: 'How long the oldest period that is not closed has been due, held back or not',
      unit: 's',
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
  constructor(
    private readonly lines: Pick<LogLogger, 'info' | 'warn'>,
    private readonly health: ClosingHealth,
  ) {}

  /** From now on /metrics tells how long the oldest open period has been due. */
  start(): void {
    const { oldest } = billingMetrics();
    oldest.addCallback((result) => result.observe(this.health.dueSeconds(Date.now())));
  }

  closed(closings: readonly Closing[]): void {
    if (closings.length === 0) return;
    this.health.gotOn(Date.now());
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
    this.health.held(count);
  }

  /** `isWhole`: the pass came to every customer. */
  due(pass: DuePass, isWhole: boolean): void {
    this.health.found(pass, isWhole);
  }

  gotThrough(): void {
    this.health.gotOn(Date.now());
  }

  waits(reason: WaitReason, error?: unknown): void {
    this.health.waits(reason);
    billingMetrics().unknown.add(1, { reason });
    if (error !== undefined) this.lines.warn({ reason, err: error }, 'closing waits');
  }

  /** A look ended; `seconds`: how long it took, where it did not fail. */
  looked(seconds?: number): void {
    this.health.lookEnded();
    if (seconds !== undefined) billingMetrics().seconds.record(seconds);
  }
}
