import { encodeLogEntry, TOPICS } from '@tallyward/contracts';
import { partitionKey } from '@tallyward/domain';
import { type Appender, partitionOf } from '@tallyward/platform';
import { usageEvent, type SentEvent } from '@tallyward/testing';
import { hash } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { leaseOut, settledCounters } from '../storage/stored-counters';
import type { Row } from './row';

const CUSTOMERS = 6;
const AMOUNT = 1_000_000;
/** A call holds so much and uses more, of a limit that is all leased: the rest is overrun. */
const HELD = 10;
const TOKENS = 25;
const PACE_MS = 250;
const WAVES = 240;
const TRIES = 20;
const OWNER = 'gateway-1.chaos';
const OTHER = 'gateway-2.chaos';

const { name: topic, partitions } = TOPICS.usageEvents;

interface Holder {
  readonly customer: string;
  readonly lease: string;
}

/**
 * Calls that settle holds, as gateways write them into the log, wave after wave: each has a counter
 * to add to, a lease to take from, an overrun to keep, and an owner to tell.
 */
export class Settlements {
  private waves = 0;
  private stopping = false;
  private working: Promise<void> = Promise.resolve();

  private constructor(
    private readonly row: Row,
    private readonly project: string,
    private readonly holders: readonly Holder[],
    private readonly appender: Appender,
  ) {}

  static async start(row: Row): Promise<Settlements> {
    const { fleet } = row;
    const { project = '' } = fleet.projects[0] ?? {};
    const customers = Array.from({ length: CUSTOMERS }, (_, n) => `${row.key}-settled${n}`);
    const given = customers.map((customer) => ({
      ...{ project, customer, amount: AMOUNT, gateway: OWNER },
      partition: partitionOf(partitionKey(project, customer), partitions),
    }));
    const leases = await leaseOut(fleet.bed.postgres.admin, given);
    const holders = customers.map((customer, n) => ({ customer, lease: leases[n] ?? '' }));
    const appender = fleet.log.appender({ partitions: { [topic]: partitions } });
    const settlements = new Settlements(row, project, holders, appender);
    settlements.working = settlements.work();
    return settlements;
  }

  /** Ends what was begun; then its counters are to be judged, once all is folded. */
  async finish(): Promise<void> {
    this.stopping = true;
    await this.working;
    await this.appender.close();
  }

  /** What is not as it must be: each wave used so much, was paid so much, and passed the rest. */
  async faults(): Promise<string[]> {
    const { fleet, key } = this.row;
    const counters = await settledCounters(fleet.bed.postgres.admin, `${key}-settled`);
    const used = this.waves * TOKENS;
    const leased = AMOUNT - this.waves * HELD;
    const overrun = this.waves * (TOKENS - HELD);
    const wanted = { used, leased, overrun, outstanding: leased, overruns: overrun };
    const shown = JSON.stringify(wanted);
    const wrong = counters.flatMap(({ project: _, customer, ...is }) =>
      JSON.stringify(is) === shown ? [] : [`${customer}: ${JSON.stringify(is)}, not ${shown}`],
    );
    const missing = CUSTOMERS - counters.length;
    return missing > 0 ? [...wrong, `${missing} counters are gone`] : wrong;
  }

  private async work(): Promise<void> {
    while (!this.stopping && this.waves < WAVES) {
      this.waves += 1;
      await this.appendWave(this.waves);
      await pause(PACE_MS);
    }
  }

  /** Again until the log has it: what it has twice counts once. */
  private async appendWave(wave: number): Promise<void> {
    const { truth } = this.row.load;
    const calls = this.holders.map((holder) => this.call(holder, wave));
    for (const { event } of calls) truth.sent(this.project, event);
    let left = calls;
    for (let tried = 1; left.length > 0; tried += 1) {
      if (tried > TRIES) throw new Error(`the log did not take ${left.length} settlements`);
      const entries = left.map(({ entry }) => entry);
      const outcomes = await this.appender.append(topic, entries);
      left = left.filter((_, at) => outcomes[at]?.kind !== 'acked');
    }
    for (const { event } of calls) truth.acked(this.project, event);
  }

  private call({ customer, lease }: Holder, wave: number) {
    const { project } = this;
    const time = Date.now();
    const id = `${this.row.key}.${customer}.${wave}`;
    const event: SentEvent = usageEvent({
      ...{ id, source: 'hold', customer, model: 'gpt-4o', time },
      inputTokens: TOKENS,
      outputTokens: 0,
    });
    const none = { cacheReadTokens: 0, cacheWriteTokens: 0, reasoningTokens: 0, images: 0 };
    const value = encodeLogEntry({
      ...{ project, customer, source: 'hold', id, time, receivedAt: time, catalogueVersion: 1 },
      content: hash('sha256', `${project}/${id}`, 'hex'),
      ...{ model: 'gpt-4o', modelGroup: 'standard', workspace: '', user: '', role: '' },
      ...{ inputTokens: TOKENS, outputTokens: 0, ...none, toolCalls: 0, tags: {} },
      hold: {
        ...{ number: wave, gateway: OWNER, settledBy: wave % 2 === 0 ? OWNER : OTHER },
        tier: { name: 'Standard', version: 1 },
        expiresAt: time + 300_000,
        parts: [{ lease, amount: HELD }],
      },
    });
    return { event, entry: { key: partitionKey(project, customer), value } };
  }
}
