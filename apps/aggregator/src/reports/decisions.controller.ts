import { Controller, Get, Param, Query, Req } from '@nestjs/common';
import {
  customerDecisionsQuery,
  decisionsQuery,
  decisionSummaryQuery,
  name,
  type DecisionsQuery,
} from '@tallyward/contracts';
import { validated } from '@tallyward/platform';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { badCursor, reader } from '../reader';
import { DecisionSummaryService } from './decision-summary.service';
import { DecisionsService, readDecisionCursor } from './decisions.service';
import { zoneOf } from './zone-of';

const ofCustomer = z.object({ customer: name });

/** What was decided, for the caller's own project alone. */
@Controller('v1')
export class DecisionsController {
  constructor(
    private readonly decisions: DecisionsService,
    private readonly summaries: DecisionSummaryService,
  ) {}

  @Get('decisions')
  all(@Req() request: FastifyRequest, @Query() query: unknown) {
    const { project } = reader(request);
    return this.page(project, validated(decisionsQuery, query, 'query'));
  }

  @Get('customers/:customer/decisions')
  one(@Req() request: FastifyRequest, @Param() params: unknown, @Query() query: unknown) {
    const { project } = reader(request);
    const { customer } = validated(ofCustomer, params, 'path');
    return this.page(project, { ...validated(customerDecisionsQuery, query, 'query'), customer });
  }

  @Get('decisions/summary')
  async summary(@Req() request: FastifyRequest, @Query() query: unknown) {
    const { project } = reader(request);
    const wanted = validated(decisionSummaryQuery, query, 'query');
    const { customer = null } = wanted;
    return this.summaries.summary({ project, customer }, wanted, zoneOf(request));
  }

  private async page(project: string, wanted: DecisionsQuery) {
    const after = wanted.cursor === undefined ? null : readDecisionCursor(wanted.cursor);
    if (after === undefined) throw badCursor();
    return this.decisions.page(project, wanted, after);
  }
}
