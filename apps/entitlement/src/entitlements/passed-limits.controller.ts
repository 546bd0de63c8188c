import { Controller, HttpCode, Post, Req } from '@nestjs/common';
import {
  MOST_PASSED_LIMITS,
  type PassedLimitsAnswer,
  passedLimitsQuestion,
} from '@tallyward/contracts';
import { validated } from '@tallyward/platform';
import { callerWith, type ManagementRequest, problem } from '../catalog/management';
import { EntitlementReader } from '../storage/entitlements/entitlement-reader';
import { overageOf } from './limit-state';

const TOO_MUCH =
  'So much passed limits, or was used, that one answer can not tell it: ask for less.';

/**
 * What passed limits that allow, of many customers of the caller's project: for whoever bills it,
 * and the same rows as `GET /v1/customers/{customer}/overages`. The gateway passes nothing here.
 */
@Controller('internal/passed-limits')
export class PassedLimitsController {
  constructor(private readonly reader: EntitlementReader) {}

  @Post()
  @HttpCode(200)
  async read(@Req() request: ManagementRequest): Promise<unknown> {
    const { project } = callerWith(request, 'read');
    const { of } = validated(passedLimitsQuestion, request.body, 'body');
    const asked = of.map(({ customer, from, to }) => {
      return { customer, span: { from: Date.parse(from), to: Date.parse(to) } };
    });
    const found = await this.reader.overagesOf(project, asked);
    const passed = found?.map(
      (lines) =>
        lines
          ?.map(overageOf)
          .filter(({ onLimit, overage }) => onLimit === 'allow' && overage > 0) ?? null,
    );
    const told = passed?.reduce((sum, lines) => sum + (lines?.length ?? 0), 0);
    if (!passed || (told ?? 0) > MOST_PASSED_LIMITS) {
      return problem('too-many-rows', { detail: TOO_MUCH });
    }
    return { data: passed } satisfies PassedLimitsAnswer;
  }
}
