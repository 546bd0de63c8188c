import { Controller, Get, Query, Req } from '@nestjs/common';
import { billingPeriodsQuery, billingRecordsQuery } from '@tallyward/contracts';
import { validated } from '@tallyward/platform';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { cursorOf, textOf } from '../cursor';
import { reader } from '../reader';
import { BillingLists } from '../storage/postgres/billing/billing-lists';

const recordCursor = z.object({ place: z.string().regex(/^\d{1,19}$/) });
const periodCursor = z.object({ from: z.number().int(), customer: z.string() });

/** Billing records and closed periods, for the caller's own project alone. */
@Controller('v1/billing')
export class BillingController {
  constructor(private readonly lists: BillingLists) {}

  @Get('records')
  async records(@Req() request: FastifyRequest, @Query() query: unknown) {
    const project = reader(request).project;
    const wanted = validated(billingRecordsQuery, query, 'query');
    const after = cursorOf(recordCursor, wanted.cursor);
    const { customer = null, limit } = wanted;
    const { data, next } = await this.lists.records(
      project,
      customer,
      spanOf(wanted),
      after,
      limit,
    );
    return { data, nextCursor: textOf(next) };
  }

  @Get('periods')
  async periods(@Req() request: FastifyRequest, @Query() query: unknown) {
    const project = reader(request).project;
    const wanted = validated(billingPeriodsQuery, query, 'query');
    const after = cursorOf(periodCursor, wanted.cursor);
    const { customer = null, state = null, limit } = wanted;
    const span = spanOf(wanted);
    const { data, next } = await this.lists.periods(project, customer, span, state, after, limit);
    return { data, nextCursor: textOf(next) };
  }
}

function spanOf({ from, to }: { from?: string | undefined; to?: string | undefined }) {
  return {
    from: from === undefined ? null : Date.parse(from),
    to: to === undefined ? null : Date.parse(to),
  };
}
