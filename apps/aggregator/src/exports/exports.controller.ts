import { Controller, Get, Query, Req, Res } from '@nestjs/common';
import { eventsExportQuery, focusExportQuery } from '@tallyward/contracts';
import { Problem, validated } from '@tallyward/platform';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { WarehouseProgress } from '../load-warehouse/warehouse-progress';
import { reader } from '../reader';
import { eventExport } from './event-export';
import type { ExportFormat, ExportStatement } from './export-statement';
import { ExportsService } from './exports.service';
import { focusExport } from './focus-export';

const MEDIA_TYPES: Readonly<Record<ExportFormat, string>> = {
  csv: 'text/csv; charset=utf-8',
  ndjson: 'application/x-ndjson',
};

/** What the warehouse holds of the caller's own project, as files of any size. */
@Controller('v1/exports')
export class ExportsController {
  constructor(
    private readonly exports: ExportsService,
    private readonly progress: WarehouseProgress,
  ) {}

  @Get('events')
  async events(
    @Req() request: FastifyRequest,
    @Query() query: unknown,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const { project } = reader(request);
    const wanted = validated(eventsExportQuery, query, 'query');
    const format = formatOf(request);
    // Taken first: what was acked before it is in the rows read after it.
    const asOf = new Date(await this.progress.asOf()).toISOString();
    void reply.header('vary', 'accept').header('x-tallyward-as-of', asOf);
    await this.send(reply, project, eventExport(project, wanted, format), format);
  }

  @Get('focus')
  async focus(
    @Req() request: FastifyRequest,
    @Query() query: unknown,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const { project } = reader(request);
    const wanted = validated(focusExportQuery, query, 'query');
    await this.send(reply, project, focusExport(project, wanted), 'csv');
  }

  /** An error of the stream closes the connection in mid-answer: Fastify sees to it. */
  private async send(
    reply: FastifyReply,
    project: string,
    statement: ExportStatement,
    format: ExportFormat,
  ): Promise<void> {
    const text = await this.exports.open(project, statement, format);
    if (text instanceof Problem) throw text;
    await reply.type(MEDIA_TYPES[format]).send(text);
  }
}

/** CSV, but where the client asks for JSON lines. */
function formatOf(request: FastifyRequest): ExportFormat {
  return request.headers.accept?.toLowerCase().includes('application/x-ndjson') ? 'ndjson' : 'csv';
}
