import { Inject, Injectable } from '@nestjs/common';
import type { ClickHouseClient } from '@clickhouse/client';
import type { UsageQuery } from '@tallyward/contracts';
import { Problem } from '@tallyward/platform';
import { WarehouseProgress } from '../load-warehouse/warehouse-progress';
import { problem } from '../problem';
import { CLICKHOUSE } from '../resources';
import { planUsage, tooManyRows, type Refused } from './usage-plan';
import { fillRows, type FoundRow, type UsageRow } from './usage-rows';
import { usageStatement, type ReportScope } from './usage-sql';

export interface UsageReport {
  readonly rows: Iterable<UsageRow>;
  readonly asOf: string;
}

/** A report is given up after this long. */
const REPORT_DEADLINE_S = 30;
/** Room for the windows' starts in the statement: 11 bytes each, in up to three stretches. */
const MAX_STATEMENT_BYTES = 4_194_304;

/** Usage by window and group, read from what the warehouse counted. */
@Injectable()
export class UsageService {
  constructor(
    @Inject(CLICKHOUSE) private readonly clickhouse: ClickHouseClient,
    private readonly progress: WarehouseProgress,
  ) {}

  async report(
    scope: ReportScope,
    query: UsageQuery,
    zone: string,
  ): Promise<UsageReport | Problem> {
    const planned = planUsage(query, scope.customer === null, zone);
    if (planned.kind !== 'plan') return refusal(planned);
    const { plan } = planned;
    // Taken first: what was acked before it is in the rows read after it.
    const asOf = new Date(await this.progress.asOf()).toISOString();
    const { query: text, params, settings } = usageStatement(scope, plan);
    const answer = await this.clickhouse.query({
      query: text,
      query_params: params,
      format: 'JSONCompactEachRow',
      clickhouse_settings: {
        max_execution_time: REPORT_DEADLINE_S,
        max_query_size: String(MAX_STATEMENT_BYTES),
        output_format_json_quote_64bit_integers: 1,
        ...settings,
      },
    });
    const filled = fillRows(plan, await answer.json<FoundRow>());
    if (filled.kind === 'rows') return { rows: filled.rows, asOf };
    return refusal(tooManyRows(query.window, plan.span, filled.groups));
  }
}

export function refusal(planned: Refused): Problem {
  if (planned.kind === 'too-many-rows') return problem('too-many-rows', { detail: planned.detail });
  const { parameter, detail } = planned;
  return problem('invalid', {
    detail: `The query has a fault: ${parameter} ${detail}.`,
    errors: [{ parameter, code: 'invalid', detail }],
  });
}
