import { Controller, Get, HttpCode, Inject, Param, Post, Put, Req, Res } from '@nestjs/common';
import {
  type Customer,
  customerChange,
  customersQuery,
  type ListedCustomer,
  migration,
  name,
  tierAssignment,
} from '@tallyward/contracts';
import { validated } from '@tallyward/platform';
import type { FastifyReply } from 'fastify';
import {
  callerWith,
  foundOr404,
  type ManagementRequest,
  originOf,
  pageOr422,
  replyWith,
} from '../catalog/management';
import { EVERY_GATEWAY, HELD_CALLS, type HeldCalls } from '../entitlements/held-calls';
import { limitStateOf } from '../entitlements/limit-state';
import { CustomerLimits } from '../storage/customers/customer-limits';
import { CustomerReader } from '../storage/customers/customer-reader';
import { tierPlace } from '../tiers/tier-place';
import { CustomersService } from './customers.service';
import { customerAnswer, type StoredCustomer } from './stored-customer';

@Controller('v1')
export class CustomersController {
  constructor(
    private readonly customers: CustomersService,
    private readonly reader: CustomerReader,
    private readonly limits: CustomerLimits,
    @Inject(HELD_CALLS) private readonly held: HeldCalls,
  ) {}

  @Get('customers')
  async list(@Req() request: ManagementRequest): Promise<unknown> {
    const { project } = callerWith(request, 'admin');
    const wanted = validated(customersQuery, request.query, 'query');
    const now = Date.now();
    const page = await this.reader.page(project, wanted, now);
    if (!page) return pageOr422(null);
    const shown = page.data.map((customer) => customerAnswer(customer, now));
    const data = wanted.with ? await this.withLimits(project, page.data, shown) : shown;
    return { ...page, data };
  }

  private async withLimits(
    project: string,
    customers: readonly StoredCustomer[],
    shown: readonly Customer[],
  ): Promise<ListedCustomer[]> {
    const own = await this.limits.of(project, customers);
    return shown.map((one, n) => {
      const { lines = [], timeZone = '' } = own[n] ?? {};
      const limits = lines.map((line) => {
        const counter = { project, customer: one.customer, name: line.counter };
        return limitStateOf(line, this.held.elsewhere(counter, EVERY_GATEWAY), timeZone);
      });
      return { ...one, limits };
    });
  }

  @Get('customers/:customer')
  async read(@Req() request: ManagementRequest, @Param('customer') id: string): Promise<unknown> {
    const isTheCustomer = request.caller?.customer !== undefined;
    const { project } = callerWith(request, isTheCustomer ? 'read' : 'admin');
    const now = Date.now();
    const found = await this.reader.one(project, validated(name, id, 'path'), now);
    return foundOr404(found && customerAnswer(found, now));
  }

  @Put('customers/:customer')
  async put(
    @Req() request: ManagementRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @Param('customer') given: string,
  ): Promise<unknown> {
    const { project } = callerWith(request, 'admin');
    const id = validated(name, given, 'path');
    const { reason, ...change } = validated(customerChange, request.body, 'body');
    const origin = originOf(request, reason);
    return replyWith(reply, await this.customers.put(project, id, change, origin));
  }

  @Put('customers/:customer/tier')
  async putTier(
    @Req() request: ManagementRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @Param('customer') given: string,
  ): Promise<unknown> {
    const { project } = callerWith(request, 'admin');
    const id = validated(name, given, 'path');
    const wanted = validated(tierAssignment, request.body, 'body');
    const origin = originOf(request, wanted.reason);
    return replyWith(reply, await this.customers.putTier(project, id, wanted, origin));
  }

  @Post('tiers/:name/versions/:n/migrate')
  @HttpCode(200)
  async migrate(
    @Req() request: ManagementRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @Param() params: unknown,
  ): Promise<unknown> {
    const { project } = callerWith(request, 'admin');
    const place = tierPlace(params);
    const from = { name: place.name, version: place.n };
    const wanted = validated(migration, request.body, 'body');
    const origin = originOf(request, wanted.reason);
    return replyWith(reply, await this.customers.migrate(project, from, wanted, origin));
  }
}
