import { Controller, Get, HttpCode, Param, Post, Put, Req, Res } from '@nestjs/common';
import { newTier, pageQuery, tierClone, tierLimits, versionNumber } from '@tallyward/contracts';
import { type Problem, validate, validated } from '@tallyward/platform';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import {
  callerWith,
  foundOr404,
  type ManagementRequest,
  originOf,
  pageOr422,
  problemOf,
  replyWith,
} from '../catalog/management';
import { TierReader } from '../storage/tiers/tier-reader';
import { frozen } from './decide-tiers';
import { type StoredTier, tierAnswer } from './stored-tier';
import { tierDifferenceOf } from './tier-difference';
import { tierPlace } from './tier-place';
import { TiersService } from './tiers.service';

const diffQuery = z.strictObject({ with: versionNumber });

@Controller('v1/tiers')
export class TiersController {
  constructor(
    private readonly tiers: TiersService,
    private readonly reader: TierReader,
  ) {}

  @Post()
  @HttpCode(201)
  async create(
    @Req() request: ManagementRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<unknown> {
    const { project } = callerWith(request, 'admin');
    const { name, limits, reason } = validated(newTier, request.body, 'body');
    const origin = originOf(request, reason);
    return replyWith(reply, await this.tiers.create(project, name, limits, origin));
  }

  @Get()
  async list(@Req() request: ManagementRequest): Promise<unknown> {
    const { project } = callerWith(request, 'admin');
    const page = pageOr422(
      await this.reader.page(project, validated(pageQuery, request.query, 'query')),
    );
    return 'data' in page ? { ...page, data: await this.withCustomers(project, page.data) } : page;
  }

  @Get(':name/versions/:n')
  async read(@Req() request: ManagementRequest, @Param() params: unknown): Promise<unknown> {
    const { project } = callerWith(request, 'admin');
    const { name, n } = tierPlace(params);
    const found = await this.reader.version(project, name, n);
    const [shown = null] = found ? await this.withCustomers(project, [found]) : [];
    return foundOr404(shown);
  }

  /** A frozen version answers that it is frozen, whatever the body. */
  @Put(':name/versions/:n')
  async edit(
    @Req() request: ManagementRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @Param() params: unknown,
  ): Promise<unknown> {
    const { project } = callerWith(request, 'admin');
    const { name, n } = tierPlace(params);
    const body = validate(tierLimits, request.body, 'body');
    if (!body.ok) return this.unlessFrozen(project, name, n, body.problem);
    const { limits, reason } = body.value;
    const origin = originOf(request, reason);
    return replyWith(reply, await this.tiers.edit(project, name, n, limits, origin));
  }

  @Post(':name/versions/:n/clone')
  @HttpCode(201)
  async clone(
    @Req() request: ManagementRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @Param() params: unknown,
  ): Promise<unknown> {
    const { project } = callerWith(request, 'admin');
    const { name, n } = tierPlace(params);
    const { reason } = validated(tierClone, request.body ?? undefined, 'body');
    return replyWith(reply, await this.tiers.clone(project, name, n, originOf(request, reason)));
  }

  @Get(':name/versions/:n/diff')
  async diff(@Req() request: ManagementRequest, @Param() params: unknown): Promise<unknown> {
    const { project } = callerWith(request, 'admin');
    const { name, n } = tierPlace(params);
    const other = validated(diffQuery, request.query, 'query').with;
    const [from, to] = [
      await this.reader.version(project, name, n),
      await this.reader.version(project, name, other),
    ];
    return foundOr404(from && to && tierDifferenceOf(from, to));
  }

  private async withCustomers(project: string, found: readonly StoredTier[]) {
    const customers = await this.reader.customersOf(project, found, Date.now());
    return found.map((tier, n) => tierAnswer(tier, customers[n]));
  }

  private async unlessFrozen(
    project: string,
    name: string,
    n: number,
    problem: Problem,
  ): Promise<Problem> {
    const present = await this.reader.version(project, name, n);
    if (!present) return foundOr404(null) as Problem;
    return present.frozenAt === null ? problem : problemOf(frozen(present).refusal);
  }
}
