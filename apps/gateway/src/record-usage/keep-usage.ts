import type { Entry, Problem } from '@tallyward/platform';
import { overloaded } from '../access/guard-requests';
import type { GatewayEvents } from '../events';
import { gatewayProblem } from '../gateway-problem';
import type { Durability, UsageLog } from './usage-log';

/** `failed`: the log has none of it; `unknown`: it may have. Both with what to tell the client. */
export type Kept =
  | Extract<Durability, { kind: 'acked' }>
  | { readonly kind: 'failed' | 'unknown'; readonly problem: Problem };

/** Puts usage into the log, and has the answer for where that is not known to have succeeded. */
export class KeepUsage {
  constructor(
    private readonly usageLog: UsageLog,
    private readonly events: GatewayEvents,
    private readonly retryAfterSeconds: number,
  ) {}

  /** `detail`: what a client is to do about entries that the log may not have. */
  async keep(entries: Entry[], project: string, detail: string): Promise<Kept> {
    const durability = await this.usageLog.append(entries);
    switch (durability.kind) {
      case 'acked':
        this.events.eventsAccepted(entries.length);
        return durability;
      case 'overloaded':
        this.events.requestRefused('overloaded');
        return { kind: 'failed', problem: overloaded() };
      case 'refused':
      case 'unknown': {
        const kind = durability.kind === 'refused' ? 'failed' : 'unknown';
        this.events.notDurable(project, entries.length, durability.reasons);
        const headers = { 'retry-after': String(this.retryAfterSeconds) };
        return { kind, problem: gatewayProblem('not-durable', { detail, headers }) };
      }
    }
  }
}
