import type { Overage } from '@tallyward/contracts';
import {
  addProofs,
  LIFETIME,
  QUARTER_MS,
  lineText,
  UNITS,
  type BillLine,
  type Span,
} from '@tallyward/domain';
import type { ClickHouse } from '../storage/clickhouse';
import type { UpTo } from '../storage/clickhouse/billed-usage';
import {
  splitOverage,
  type PassedLimit,
  type SpanOverage,
} from '../storage/clickhouse/split-overage';
import { usedOfLimits } from '../storage/postgres/audited-subscriptions';
import type { AuditedTotals } from '../storage/postgres/audited-totals';
import type { Proven } from './prove-periods';

/** A proven period with its lines, or why they can not be told. */
export interface Billed {
  readonly of: Proven;
  readonly lines: readonly BillLine[];
  /** Where the limits counted something else than the log's order says; null: nowhere. */
  readonly fault: string | null;
}

/** What the limits say of one period. */
export interface Passed {
  readonly of: Proven;
  readonly overages: readonly Overage[];
}

/**
 * The lines of proven periods: all that counts by tier version, model, group and unit, and what of
 * it passed a limit that allows. `passed`: the instant that the log has passed, epoch ms.
 */
export async function billPeriods(
  clickhouse: ClickHouse,
  totals: AuditedTotals,
  periods: readonly Passed[],
  upTo: UpTo,
  passed: number,
): Promise<Billed[]> {
  const limits = periods.flatMap(({ of, overages }) =>
    overages.map((overage) => ({ of, overage, limit: passedLimit(of, overage) })),
  );
  const beyond = new Map<string, number>();
  const faults = new Map<Proven, string>();
  if (limits.length > 0) {
    const spans = periods.flatMap(({ of }) => of.spans);
    const asked = limits.map(({ limit }) => limit);
    const [{ ofLimits, ofSpans }, used] = await Promise.all([
      splitOverage(clickhouse, asked, spans, upTo),
      usedOfLimits(totals, asked),
    ]);
    for (const row of ofSpans) beyond.set(overageText(row), row.overage);
    for (const [at, { of, overage, limit }] of limits.entries()) {
      const found = { ...(ofLimits[at] ?? NOTHING), inTotals: used[at] ?? 0 };
      if (!isCountedAlike(overage, limit.span, found, passed)) {
        faults.set(of, faultOf(overage, found.overage));
      }
    }
  }
  return periods.map(({ of }) => ({
    of,
    lines: linesOf(of, beyond),
    fault: faults.get(of) ?? null,
  }));
}

const NOTHING = { used: 0, overage: 0 };

/** What the log's order says of a limit, and what the totals hold, as of the same offsets. */
interface Found {
  readonly used: number;
  readonly overage: number;
  readonly inTotals: number;
}

/**
 * The limits answer for now, so in a window that is still open they may have counted more since;
 * what had been counted until the offsets must be what the totals hold. A window that lies on no
 * quarters keeps what was voided: there the limit may say more, and the log's word is billed.
 */
function isCountedAlike(
  { overage, used }: Overage,
  span: Span,
  found: Found,
  now: number,
): boolean {
  const isOnQuarters = span.from % QUARTER_MS === 0 && span.to % QUARTER_MS === 0;
  if (isOnQuarters && found.used !== found.inTotals) return false;
  if (!isOnQuarters && found.overage < overage) return true;
  return found.overage === overage || (span.to > now && used > found.used);
}

function faultOf({ scope, scopeValue, modelGroup, unit, overage }: Overage, split: number): string {
  const limit = `${unit} of ${modelGroup} for ${scope} ${scopeValue}`;
  return `The limit on ${limit} counted an overage of ${overage}, the log says ${split}.`;
}

function passedLimit({ period }: Proven, overage: Overage): PassedLimit {
  const { scope, scopeValue, modelGroup, unit, amount, windowStart, windowEnd } = overage;
  const span = {
    from: windowStart === null ? LIFETIME.from : Date.parse(windowStart),
    to: windowEnd === null ? LIFETIME.to : Date.parse(windowEnd),
  };
  const { project, customer } = period;
  return { project, customer, scope, scopeValue, modelGroup, unit, span, amount };
}

const overageText = ({ n, model, modelGroup, unit }: Omit<SpanOverage, 'overage'>): string =>
  JSON.stringify([n, model, modelGroup, unit]);

/** One line for a tier that was left and came back within the period. */
function linesOf({ spans, usage }: Proven, beyond: ReadonlyMap<string, number>): BillLine[] {
  const lines = new Map<string, BillLine>();
  const tierOf = new Map(spans.map(({ n, tier }) => [n, tier]));
  for (const { n, model, modelGroup, events, amounts, proof } of usage) {
    const tier = tierOf.get(n);
    if (!tier) throw new Error(`The warehouse answered for a span ${n} that nobody asked for`);
    for (const unit of UNITS.filter((each) => amounts[each] > 0)) {
      const subject = { tier: { name: tier.name, version: tier.version }, modelGroup, model, unit };
      const was = lines.get(lineText(subject));
      lines.set(lineText(subject), {
        ...subject,
        quantity: (was?.quantity ?? 0) + amounts[unit],
        overage:
          (was?.overage ?? 0) + (beyond.get(overageText({ n, model, modelGroup, unit })) ?? 0),
        events: (was?.events ?? 0) + events,
        proof: addProofs(was?.proof ?? 0n, proof),
      });
    }
  }
  return [...lines.values()];
}
