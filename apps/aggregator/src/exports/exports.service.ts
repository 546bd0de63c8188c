import { Inject, Injectable } from '@nestjs/common';
import type { ClickHouseClient } from '@clickhouse/client';
import type { Problem, ServiceLogger } from '@tallyward/platform';
import { pipeline, type Readable } from 'node:stream';
import { problem } from '../problem';
import { CLICKHOUSE, SERVICE_LOG } from '../resources';
import { ExportPlaces } from './export-places';
import type { ExportFormat, ExportStatement } from './export-statement';
import { exportText } from './export-text';

/** An export is broken off after this long, however far it is; the local ClickHouse's own most. */
export const EXPORT_DEADLINE_MS = 300_000;
/** When a place may be free again. */
const RETRY_AFTER_S = 5;

/**
 * Rows flow as they are read, in the order of the table's key, by one thread; the answer's status
 * is not kept back until the end of the query, which would hold it whole somewhere.
 */
const STREAMED = {
  wait_end_of_query: 0,
  max_execution_time: EXPORT_DEADLINE_MS / 1_000,
  max_threads: 1,
  max_block_size: '8192',
  optimize_read_in_order: 1,
  optimize_aggregation_in_order: 1,
  optimize_use_projections: 0,
  output_format_json_quote_64bit_integers: 1,
  date_time_output_format: 'iso',
} as const;

/** Streams rows out of ClickHouse, as fast as their reader takes them. */
@Injectable()
export class ExportsService {
  constructor(
    @Inject(CLICKHOUSE) private readonly clickhouse: ClickHouseClient,
    @Inject(SERVICE_LOG) private readonly log: Pick<ServiceLogger, 'warn'>,
    private readonly places: ExportPlaces,
  ) {}

  /** A text that ends with an error where it isn't whole; or why there is none now. */
  async open(
    project: string,
    statement: ExportStatement,
    format: ExportFormat,
  ): Promise<Readable | Problem> {
    const free = this.places.take(project);
    if (!free) return tooMany();
    try {
      return await this.stream(statement, format, free);
    } catch (error) {
      free();
      throw error;
    }
  }

  private async stream(
    { query, params, columns }: ExportStatement,
    format: ExportFormat,
    free: () => void,
  ): Promise<Readable> {
    const answer = await this.clickhouse.query({
      query,
      query_params: params,
      format: format === 'csv' ? 'JSONCompactEachRow' : 'JSONEachRow',
      clickhouse_settings: STREAMED,
    });
    const rows = answer.stream() as Readable;
    const text = exportText(format, columns);
    const late = new Error(`The export took longer than ${EXPORT_DEADLINE_MS} ms`);
    const deadline = setTimeout(() => rows.destroy(late), EXPORT_DEADLINE_MS);
    pipeline(rows, text, (error) => {
      clearTimeout(deadline);
      free();
      // A client that goes away closes the text too early, and that is its own affair.
      if (error && error.code !== 'ERR_STREAM_PREMATURE_CLOSE') {
        this.log.warn({ err: error }, 'an export broke off');
      }
    });
    return text;
  }
}

function tooMany(): Problem {
  const detail = 'Exports are running: try again when one of them has ended.';
  return problem('overloaded', { detail, headers: { 'retry-after': `${RETRY_AFTER_S}` } });
}
