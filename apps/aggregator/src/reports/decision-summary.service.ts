import type { ClickHouseClient } from '@clickhouse/client';
import { Inject, Injectable } from '@nestjs/common';
import {
  MAX_SUMMARY_ROWS,
  type DecisionSummary,
  type DecisionSummaryQuery,
  type DecisionSummaryRow,
} from '@tallyward/contracts';
import type { Span } from '@tallyward/domain';
import { Problem } from '@tallyward/platform';
import { DECISIONS_PROGRESS } from '../load-decisions/load-decisions.module';
import { FoldProgress, WarehouseProgress } from '../load-warehouse/warehouse-progress';
import { problem } from '../problem';
import { CLICKHOUSE } from '../resources';
import { DECISIONS } from '../storage/clickhouse';
import { planUsage, type UsagePlan } from './usage-plan';
import { fillRows, type FoundRow } from './usage-rows';
import { usageStatement, windowStart, type ReportScope } from './usage-sql';
import { refusal } from './usage.service';

const SUMMARY_DEADLINE_S = 30;
/** Room for the windows' starts in a statement. */
const MAX_STATEMENT_BYTES = 1_048_576;

type Refusals = Pick<DecisionSummaryRow, 'restrict' | 'throttle' | 'block'>;
const NONE: Refusals = { restrict: 0, throttle: 0, block: 0 };

/** What was decided, window by window: refusals from the decision log, calls from the usage log. */
@Injectable()
export class DecisionSummaryService {
  constructor(
    @Inject(CLICKHOUSE) private readonly clickhouse: ClickHouseClient,
    private readonly usage: WarehouseProgress,
    @Inject(DECISIONS_PROGRESS) private readonly decisions: FoldProgress,
  ) {}

  async summary(
    scope: ReportScope,
    query: DecisionSummaryQuery,
    zone: string,
  ): Promise<DecisionSummary | Problem> {
    const planned = planUsage({ ...query, groupBy: [] }, false, zone);
    if (planned.kind !== 'plan') return refusal(planned);
    const { plan } = planned;
    if (plan.windows.length > MAX_SUMMARY_ROWS) {
      const detail = `More than ${MAX_SUMMARY_ROWS} rows: ask for a shorter span or longer windows.`;
      return problem('too-many-rows', { detail });
    }
    // Taken first: what was acked before it is in the rows read after it.
    const asOf = Math.min(await this.usage.asOf(), await this.decisions.asOf());
    const [calls, refusals] = [await this.calls(scope, plan), await this.refusals(scope, plan)];
    const data = plan.windows.map((window, at): DecisionSummaryRow => {
      const refused = refusals.get(startOf(window)) ?? NONE;
      const allow = Math.max(0, (calls[at] ?? 0) - refused.restrict);
      return { from: instant(window.from), to: instant(window.to), allow, ...refused };
    });
    return { data, asOf: instant(asOf) };
  }

  /** By window, in their order. */
  private async calls(scope: ReportScope, plan: UsagePlan): Promise<number[]> {
    const { query, params, settings } = usageStatement(scope, plan);
    const found = fillRows(plan, await this.ask<FoundRow>(query, params, settings));
    if (found.kind !== 'rows') throw new Error('Windows without groups are as many as planned');
    return [...found.rows].map((row) => Number(row['calls']));
  }

  /** By the window's start, epoch s. */
  private async refusals(scope: ReportScope, plan: UsagePlan): Promise<Map<number, Refusals>> {
    const { project, customer } = scope;
    const counts = Object.keys(NONE).map((outcome) => `countIf(outcome = '${outcome}')`);
    const at = (bound: string): string => `fromUnixTimestamp64Milli({${bound}:Int64}, 'UTC')`;
    const where = [
      'project = {project:String}',
      ...(customer === null ? [] : ['customer = {customer:String}']),
      `decided_at >= ${at('from')} AND decided_at < ${at('to')}`,
    ];
    const query = `SELECT ${windowStart(plan.windows, 'decided_at')} AS w, ${counts.join(', ')}
FROM ${DECISIONS} WHERE ${where.join(' AND ')} GROUP BY w`;
    const params = { project, ...(customer === null ? {} : { customer }), ...plan.span };
    const rows = await this.ask<FoundRow>(query, params);
    return new Map(
      rows.map((row) => {
        const [start, restrict, throttle, block] = row.map(Number) as [number, ...number[]];
        return [start, { ...NONE, restrict, throttle, block } as Refusals];
      }),
    );
  }

  private async ask<T>(query: string, params: object, settings: object = {}): Promise<T[]> {
    const answer = await this.clickhouse.query({
      query,
      query_params: { ...params },
      format: 'JSONCompactEachRow',
      clickhouse_settings: {
        max_execution_time: SUMMARY_DEADLINE_S,
        max_query_size: String(MAX_STATEMENT_BYTES),
        output_format_json_quote_64bit_integers: 1,
        ...settings,
      },
    });
    return answer.json<T>();
  }
}

const startOf = (window: Span): number => Math.floor(window.from / 1_000);
const instant = (ms: number): string => new Date(ms).toISOString();
