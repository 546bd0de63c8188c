import { Controller, Get, Inject, Param, Req } from '@nestjs/common';
import { type Entitlements, name, overagesQuery } from '@tallyward/contracts';
import { validated } from '@tallyward/platform';
import {
  callerWith,
  foundOr404,
  type ManagementRequest,
  pageOr422,
  problem,
} from '../catalog/management';
import { EntitlementReader } from '../storage/entitlements/entitlement-reader';
import { CountedUntil } from './counted-until';
import { EVERY_GATEWAY, HELD_CALLS, type HeldCalls } from './held-calls';
import { limitStateOf, overageOf } from './limit-state';

const TOO_MANY =
  'So much was used in this span that it can not be added up: ask for a shorter one.';

@Controller('v1/customers/:customer')
export class EntitlementsController {
  constructor(
    private readonly reader: EntitlementReader,
    private readonly counted: CountedUntil,
    @Inject(HELD_CALLS) private readonly held: HeldCalls,
  ) {}

  @Get('entitlements')
  async read(@Req() request: ManagementRequest, @Param('customer') id: string): Promise<unknown> {
    const { project } = callerWith(request, 'read');
    const customer = validated(name, id, 'path');
    const asOf = new Date(await this.counted.asOf(project, customer)).toISOString();
    const found = await this.reader.entitled(project, customer);
    if (!found) return foundOr404(null);
    const { tier, isDisabled, timeZone, lines } = found;
    const limits = lines.map((line) => {
      const counter = { project, customer, name: line.counter };
      return limitStateOf(line, this.held.elsewhere(counter, EVERY_GATEWAY), timeZone);
    });
    const state = isDisabled ? 'disabled' : 'active';
    return { customer, tier, state, asOf, limits } satisfies Entitlements;
  }

  @Get('overages')
  async overages(
    @Req() request: ManagementRequest,
    @Param('customer') id: string,
  ): Promise<unknown> {
    const { project } = callerWith(request, 'read');
    const customer = validated(name, id, 'path');
    const { from, to, limit, cursor } = validated(overagesQuery, request.query, 'query');
    const span = { from: Date.parse(from), to: Date.parse(to) };
    const found = await this.reader.overages(project, customer, { span, limit, cursor });
    if (found?.kind === 'too-many') return problem('too-many-rows', { detail: TOO_MANY });
    if (found?.kind === 'not-a-cursor') return pageOr422(null);
    if (!found) return foundOr404(null);
    return { data: found.data.map(overageOf), nextCursor: found.nextCursor };
  }
}
