import { Inject, Injectable, type OnModuleDestroy } from '@nestjs/common';
import { type QuotaGrant, TOPICS } from '@tallyward/contracts';
import type { UsageEvent } from '@tallyward/domain';
import type { Appender, Log } from '@tallyward/platform';
import { LOG_PORT } from '../resources';
import { foldMetrics } from './fold-metrics';

/** Holds in one message: with the longest names, escaped, it fits into an entry of the log. */
export const HOLDS_A_MESSAGE = 200;
/** How long a batch waits for the log to take what its owners are told. */
const APPEND_DEADLINE_MS = 2_000;
const SOURCE = 'tallyward/entitlement';

const { name: topic, partitions } = TOPICS.quotaGrants;

type HoldsSettled = Extract<QuotaGrant, { type: 'hold.settled' }>;

/**
 * Tells gateways which of their holds others have settled, so that what is left of them can be sold
 * again (PROTOCOL 14). Once, after the commit, and not again: where the word is lost, in a crash or
 * with the log away, the hold expires at its owner, and what it did not use is freed when its lease
 * is reclaimed.
 */
@Injectable()
export class HoldOwners implements OnModuleDestroy {
  private appender: Appender | undefined;

  constructor(@Inject(LOG_PORT) private readonly log: Pick<Log, 'appender'>) {}

  async tell(settled: readonly UsageEvent[], foldedTo: bigint): Promise<void> {
    if (settled.length === 0) return;
    this.appender ??= this.log.appender({
      partitions: { [topic]: partitions },
      limits: { appendDeadlineMs: APPEND_DEADLINE_MS },
    });
    const messages = holdsSettled(settled, Number(foldedTo));
    const entries = messages.map((message) => ({
      key: message.gateway,
      value: JSON.stringify(message),
      headers: { ce_type: message.type, ce_source: SOURCE, ce_subject: message.gateway },
    }));
    const outcomes = await this.appender.append(topic, entries);
    outcomes.forEach(({ kind }, at) => {
      foldMetrics().told.add(messages[at]?.holds.length ?? 0, { outcome: kind });
    });
  }

  async onModuleDestroy(): Promise<void> {
    await this.appender?.close();
  }
}

/** One message or more for each gateway, its holds in the order of the log. */
export function holdsSettled(settled: readonly UsageEvent[], foldedTo: number): HoldsSettled[] {
  const owners = new Map<string, HoldsSettled['holds']>();
  for (const { hold, modelGroup, workspace, user, role, amounts } of settled) {
    if (hold === null) continue;
    const holds = owners.get(hold.gateway) ?? [];
    owners.set(hold.gateway, holds);
    holds.push({ hold: hold.number, modelGroup, workspace, user, role, amounts: { ...amounts } });
  }
  return [...owners].flatMap(([gateway, holds]) => {
    const messages: HoldsSettled[] = [];
    for (let at = 0; at < holds.length; at += HOLDS_A_MESSAGE) {
      const some = holds.slice(at, at + HOLDS_A_MESSAGE);
      messages.push({ type: 'hold.settled', gateway, foldedTo, holds: some });
    }
    return messages;
  });
}
