import type { NamedDifferences, ReconciledPeriod } from '@tallyward/contracts';
import { partitionKey, type Span } from '@tallyward/domain';
import { differencesBetween } from '../close-periods/name-differences';
import { provePeriods } from '../close-periods/prove-periods';
import { homeOf } from '../load-warehouse/loaded-log';
import type { PeriodPlace } from '../storage/postgres/billing/reconciled-periods';
import { comparedPeriod } from './compare-sides';
import { listPeriods, type Wanted } from './list-periods';
import { withLook, type Look, type LookParts } from './look';
import { takeBack } from './take-back';

export interface ReconciledPage {
  readonly data: ReconciledPeriod[];
  readonly next: PeriodPlace | null;
}

/** The four sides beside each other, as of one offset of the log, for people. */
export class Reconciliation {
  constructor(private readonly parts: LookParts) {}

  /** One page of a project's periods. Throws FoldsBehind. */
  page(wanted: Wanted): Promise<ReconciledPage> {
    return withLook(this.parts, (look) => reconciledPage(look, wanted));
  }

  /**
   * What totals and warehouse have otherwise than the log within one customer's span, whose bounds
   * lie on quarters of an hour; at most so many are named. Throws FoldsBehind.
   */
  differences(
    project: string,
    customer: string,
    period: Span,
    most: number,
  ): Promise<NamedDifferences> {
    return withLook(this.parts, async ({ parts: { log, clickhouse }, totals, upTo }) => {
      const partition = homeOf(partitionKey(project, customer));
      const sides = { log, totals, clickhouse };
      const asked = { project, customer, partition, period };
      const { differences, beyond } = await differencesBetween(sides, asked, upTo);
      return {
        data: differences.slice(0, most),
        unlisted: beyond + Math.max(0, differences.length - most),
        asOf: { partition, offset: (upTo.get(partition) ?? 0n).toString() },
      };
    });
  }
}

/** One page of what `look` sees. */
export async function reconciledPage(look: Look, wanted: Wanted): Promise<ReconciledPage> {
  const { parts, subscriptions, upTo } = look;
  const { periods, next } = await listPeriods(look, wanted);
  if (periods.length === 0) return { data: [], next };
  const found = await provePeriods(parts.reads, subscriptions, parts.clickhouse, periods, upTo);
  const proven = await takeBack(look, found);
  const told = await parts.told.of(periods.map(({ period }) => period));
  const data = proven.flatMap((one, at) => {
    const of = told[at];
    const end = upTo.get(one.period.partition) ?? 0n;
    return of ? [comparedPeriod(one, of, end)] : [];
  });
  return { data: data.filter(holdsSomething), next };
}

/** Of an open period whose only usage came after the offsets there is nothing to say yet. */
const holdsSomething = ({ state, log, totals, warehouse }: ReconciledPeriod): boolean =>
  state !== 'open' || [log, totals, warehouse].some(({ events }) => events !== 0);
