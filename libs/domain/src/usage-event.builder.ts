import { amountsOf, type ReportedAmounts } from './units';
import type { LoggedEvent, UsageEvent } from './usage-event';

type Given = Partial<Omit<UsageEvent, 'amounts'>> &
  Partial<ReportedAmounts> &
  Partial<Omit<LoggedEvent, 'event'>>;

/** A logged event for specs: what is not given has a plain value. */
export function usage(given: Given = {}): LoggedEvent {
  const { partition = 0, offset = 0n, appendedAt = 1_700_000_000_000, ...rest } = given;
  const reported: ReportedAmounts = {
    inputTokens: rest.inputTokens ?? 10,
    outputTokens: rest.outputTokens ?? 5,
    cacheReadTokens: rest.cacheReadTokens ?? 0,
    cacheWriteTokens: rest.cacheWriteTokens ?? 0,
    reasoningTokens: rest.reasoningTokens ?? 0,
    images: rest.images ?? 0,
    toolCalls: rest.toolCalls ?? 0,
  };
  const event: UsageEvent = {
    project: rest.project ?? 'demo',
    customer: rest.customer ?? 'acme',
    source: rest.source ?? 'app',
    id: rest.id ?? `e${offset}`,
    time: rest.time ?? appendedAt,
    receivedAt: rest.receivedAt ?? appendedAt,
    catalogueVersion: rest.catalogueVersion ?? 1,
    content: rest.content ?? 'c',
    model: rest.model ?? 'gpt-4o',
    modelGroup: rest.modelGroup ?? 'premium',
    workspace: rest.workspace ?? '',
    user: rest.user ?? '',
    role: rest.role ?? '',
    tags: rest.tags ?? {},
    hold: rest.hold ?? null,
    amounts: amountsOf(reported),
  };
  return { partition, offset, appendedAt, event };
}
