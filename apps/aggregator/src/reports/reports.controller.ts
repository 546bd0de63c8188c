import { Controller, Get, Param, Query, Req, Res } from '@nestjs/common';
import {
  allUsageQuery,
  eventsQuery,
  name,
  trailQuery,
  usageQuery,
  type UsageQuery,
} from '@tallyward/contracts';
import { validated } from '@tallyward/platform';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { problem } from '../problem';
import { badCursor, reader } from '../reader';
import { readCursor, TrailService } from './trail.service';
import { sendUsage, wantsCsv } from './usage-answer';
import type { ReportScope } from './usage-sql';
import { UsageService } from './usage.service';
import { zoneOf } from './zone-of';

const ofCustomer = z.object({ customer: name });
const oneEventQuery = z.strictObject({ customer: name.optional() });
const ofEvent = z.object({ source: name, id: name });

/** What the warehouse counted, for the caller's own project alone. */
@Controller('v1')
export class ReportsController {
  constructor(
    private readonly usage: UsageService,
    private readonly trail: TrailService,
  ) {}

  @Get('usage')
  all(@Req() request: FastifyRequest, @Query() query: unknown, @Res() reply: FastifyReply) {
    const { customer: among, ...wanted } = validated(allUsageQuery, query, 'query');
    return this.answer(request, reply, { customer: null, among }, wanted);
  }

  @Get('customers/:customer/usage')
  one(
    @Req() request: FastifyRequest,
    @Param() params: unknown,
    @Query() query: unknown,
    @Res() reply: FastifyReply,
  ) {
    const { customer } = validated(ofCustomer, params, 'path');
    return this.answer(request, reply, { customer }, validated(usageQuery, query, 'query'));
  }

  @Get('customers/:customer/events')
  async events(@Req() request: FastifyRequest, @Param() params: unknown, @Query() query: unknown) {
    const { project } = reader(request);
    const { customer } = validated(ofCustomer, params, 'path');
    const wanted = validated(trailQuery, query, 'query');
    const after = wanted.cursor === undefined ? null : readCursor(wanted.cursor);
    if (after === undefined) throw badCursor();
    return this.trail.page({ project, customer }, wanted, after);
  }

  /** Of all customers, or of one. */
  @Get('events')
  async newest(@Req() request: FastifyRequest, @Query() query: unknown) {
    const { project } = reader(request);
    const { customer = null, ...wanted } = validated(eventsQuery, query, 'query');
    const after = wanted.cursor === undefined ? null : readCursor(wanted.cursor);
    if (after === undefined) throw badCursor();
    return this.trail.newest({ project, customer }, wanted, after, Date.now());
  }

  @Get('events/:source/:id')
  async event(@Req() request: FastifyRequest, @Param() params: unknown, @Query() query: unknown) {
    const { project } = reader(request);
    const { source, id } = validated(ofEvent, params, 'path');
    const { customer = null } = validated(oneEventQuery, query, 'query');
    const data = await this.trail.find({ project, customer }, source, id);
    const detail = 'No such event counts: it was not sent, is not folded yet, or is in quarantine.';
    return data.length > 0 ? { data } : problem('not-found', { detail });
  }

  private async answer(
    request: FastifyRequest,
    reply: FastifyReply,
    whose: Omit<ReportScope, 'project'>,
    wanted: UsageQuery,
  ): Promise<void> {
    const { project } = reader(request);
    const report = await this.usage.report({ project, ...whose }, wanted, zoneOf(request));
    if (!('rows' in report)) throw report;
    await sendUsage(reply, report, wanted.groupBy ?? [], wantsCsv(request));
  }
}
