import { Controller, Get, Header, Req } from '@nestjs/common';
import type { SystemAnswer } from '@tallyward/contracts';
import type { FastifyRequest } from 'fastify';
import { identityOf } from '../access/guard-requests';
import { SystemWatch } from './system-watch';

@Controller('v1/system')
export class SystemController {
  constructor(private readonly watch: SystemWatch) {}

  @Get()
  @Header('cache-control', 'no-store')
  read(@Req() request: FastifyRequest): Promise<SystemAnswer> {
    return this.watch.read(identityOf(request));
  }
}
