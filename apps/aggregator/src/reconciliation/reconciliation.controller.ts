import { Controller, Get, Query, Req } from '@nestjs/common';
import { differencesQuery, driftQuery, reconciliationQuery } from '@tallyward/contracts';
import { HORIZON_MS, QUARTER_MS, type Span } from '@tallyward/domain';
import { validated } from '@tallyward/platform';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { cursorOf, textOf } from '../cursor';
import { problem } from '../problem';
import { reader } from '../reader';
import { DriftStore } from '../storage/postgres/drift-store';
import { FoldsBehind } from './look';
import { LookPlaces } from './look-places';
import { Reconciliation } from './reconciliation.service';

const periodCursor = z.object({ customer: z.string(), from: z.number().int() });
const hourCursor = z.object({ hour: z.number().int() });
/** When a place may be free, or the folds may have caught up. */
const RETRY = { 'retry-after': '5' };

/** Whether the sides agree, for the caller's own project alone. */
@Controller('v1/reconciliation')
export class ReconciliationController {
  constructor(
    private readonly reconciliation: Reconciliation,
    private readonly drifts: DriftStore,
    private readonly places: LookPlaces,
  ) {}

  @Get()
  async periods(@Req() request: FastifyRequest, @Query() query: unknown) {
    const { project } = reader(request);
    const wanted = validated(reconciliationQuery, query, 'query');
    const after = cursorOf(periodCursor, wanted.cursor);
    const { customer = null, limit: most } = wanted;
    const span = spanOf(wanted);
    const asked = { project, customer, span, after, most };
    const { data, next } = await this.looked(project, () => this.reconciliation.page(asked));
    return { data, nextCursor: textOf(next) };
  }

  @Get('drift')
  async drift(@Req() request: FastifyRequest, @Query() query: unknown) {
    const { project } = reader(request);
    const { from, to, cursor, limit } = validated(driftQuery, query, 'query');
    const after = cursorOf(hourCursor, cursor)?.hour ?? null;
    const span = { from: from ? Date.parse(from) : null, to: to ? Date.parse(to) : null };
    const { data, next } = await this.drifts.list(project, span, after, limit);
    return { data, nextCursor: textOf(next === null ? null : { hour: next }) };
  }

  @Get('differences')
  differences(@Req() request: FastifyRequest, @Query() query: unknown) {
    const { project } = reader(request);
    const { customer, from, to, limit } = validated(differencesQuery, query, 'query');
    const span = { from: quarter('from', from), to: quarter('to', to) };
    return this.looked(project, () =>
      this.reconciliation.differences(project, customer, span, limit),
    );
  }

  private async looked<T extends object>(project: string, use: () => Promise<T>): Promise<T> {
    try {
      const answer = await this.places.within(project, use);
      if (answer) return answer;
    } catch (error) {
      if (!(error instanceof FoldsBehind)) throw error;
      throw problem('folds-behind', { detail: error.message, headers: RETRY });
    }
    const detail = 'The sides are being compared for somebody else.';
    throw problem('overloaded', { detail, headers: RETRY });
  }
}

function spanOf({ from, to }: { from?: string | undefined; to?: string | undefined }): Span {
  const until = to === undefined ? Date.now() : Date.parse(to);
  const since = from === undefined ? Math.max(0, until - HORIZON_MS) : Date.parse(from);
  return { from: since, to: Math.max(until, since + 1) };
}

function quarter(parameter: 'from' | 'to', text: string): number {
  const at = Date.parse(text);
  if (at % QUARTER_MS === 0) return at;
  const detail = 'must lie on a quarter of an hour';
  throw problem('invalid', {
    detail: `The query has a fault: ${parameter} ${detail}.`,
    errors: [{ parameter, code: 'invalid', detail }],
  });
}
