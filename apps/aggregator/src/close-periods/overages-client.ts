import { overage, type Overage } from '@tallyward/contracts';
import type { Span } from '@tallyward/domain';
import { CALLER_HEADER, signCaller } from '@tallyward/platform';
import { z } from 'zod';

/** How long entitlement may take to say what passed one customer's limits. */
export const OVERAGES_DEADLINE_MS = 10_000;
/** Pages read of one customer's period: 200 limits and windows each. */
const MOST_PAGES = 50;

const answer = z.object({ data: z.array(overage), nextCursor: z.string().nullable() });

/** Entitlement is away, or says nothing that can be used. */
export class OveragesUnknown extends Error {
  override readonly name = 'OveragesUnknown';
}

/** Asks entitlement what the limits counted: the same that people read. */
export class OveragesClient {
  constructor(
    private readonly url: string,
    private readonly secret: string,
  ) {}

  /** Limits that allow and were passed, in the windows that touch the span. */
  async passed(project: string, customer: string, span: Span): Promise<Overage[]> {
    const found: Overage[] = [];
    let cursor: string | null = null;
    for (let page = 0; page < MOST_PAGES; page += 1) {
      const next: z.output<typeof answer> = await this.page(project, customer, span, cursor);
      found.push(...next.data);
      cursor = next.nextCursor;
      if (cursor === null) {
        return found.filter(({ onLimit, overage: beyond }) => onLimit === 'allow' && beyond > 0);
      }
    }
    throw new OveragesUnknown(`${customer} has more limits and windows than can be billed`);
  }

  private async page(project: string, customer: string, span: Span, cursor: string | null) {
    const path = `/v1/customers/${encodeURIComponent(customer)}/overages`;
    const url = new URL(path, this.url);
    url.searchParams.set('from', new Date(span.from).toISOString());
    url.searchParams.set('to', new Date(span.to).toISOString());
    url.searchParams.set('limit', '200');
    if (cursor !== null) url.searchParams.set('cursor', cursor);
    const caller = { project, scopes: ['read'], keyId: 'aggregator', actor: 'service:aggregator' };
    try {
      const response = await fetch(url, {
        headers: { [CALLER_HEADER]: signCaller({ ...caller, operator: false }, this.secret) },
        signal: AbortSignal.timeout(OVERAGES_DEADLINE_MS),
      });
      if (!response.ok) throw new Error(`it answered ${response.status}`);
      return answer.parse(await response.json());
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      throw new OveragesUnknown(`entitlement did not say what passed the limits: ${why}`);
    }
  }
}
