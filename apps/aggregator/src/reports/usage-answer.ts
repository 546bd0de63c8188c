import type { FastifyReply, FastifyRequest } from 'fastify';
import { stringify } from 'csv-stringify';
import { UNITS } from '@tallyward/domain';
import { Readable } from 'node:stream';
import type { UsageReport } from './usage.service';

/** Rows written at once: bounds what an answer of any length holds in memory. */
const ROWS_PER_CHUNK = 500;

/** True where the client would rather have CSV than JSON. */
export function wantsCsv(request: FastifyRequest): boolean {
  const accept = request.headers.accept ?? '';
  return accept
    .split(',')
    .some((type) => type.trim().split(';')[0]?.trim().toLowerCase() === 'text/csv');
}

/** The same rows as JSON or CSV, streamed. */
export function sendUsage(
  reply: FastifyReply,
  report: UsageReport,
  groupBy: readonly string[],
  csv: boolean,
): FastifyReply {
  void reply.header('vary', 'accept').header('x-tallyward-as-of', report.asOf);
  if (!csv) {
    return reply
      .type('application/json; charset=utf-8')
      .send(Readable.from(jsonChunks(report), { objectMode: false }));
  }
  const columns = ['from', 'to', ...new Set(groupBy), ...UNITS];
  const lines = stringify({ header: true, columns });
  return reply.type('text/csv; charset=utf-8').send(Readable.from(report.rows).pipe(lines));
}

function* jsonChunks({ rows, asOf }: UsageReport): Iterable<string> {
  let chunk = '{"data":[';
  let count = 0;
  for (const row of rows) {
    chunk += `${count === 0 ? '' : ','}${JSON.stringify(row)}`;
    count += 1;
    if (count % ROWS_PER_CHUNK !== 0) continue;
    yield chunk;
    chunk = '';
  }
  yield `${chunk}],"asOf":${JSON.stringify(asOf)}}`;
}
