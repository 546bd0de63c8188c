import { encodeLogEntry, encodeVoidEntry, TOPICS } from '@tallyward/contracts';
import { partitionKey } from '@tallyward/domain';
import type { Appender, Entry } from '@tallyward/platform';
import { hash } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { totalsOf } from '../storage/stored-totals';
import type { Row } from './row';

const CUSTOMERS = 4;
const PACE_MS = 250;
const WAVES = 240;
const TRIES = 20;
const SOURCE = 'chaos';

const { name: topic, partitions } = TOPICS.usageEvents;

/**
 * Events and voids, as gateways write them into the log, wave after wave: one event is voided after
 * it, one before it, each more than once, and one is left. The load knows nothing of them.
 */
export class Voids {
  private waves = 0;
  private stopping = false;
  private working: Promise<void> = Promise.resolve();
  private readonly customers: readonly string[];

  private constructor(
    private readonly row: Row,
    private readonly project: string,
    private readonly appender: Appender,
  ) {
    this.customers = Array.from({ length: CUSTOMERS }, (_, n) => `${this.prefix}${n}`);
  }

  /** Not the row's own: what begins with its name, the load must have sent. */
  private get prefix(): string {
    return `voids-${this.row.key}-`;
  }

  static start(row: Row): Voids {
    const { project = '' } = row.fleet.projects[0] ?? {};
    const appender = row.fleet.log.appender({ partitions: { [topic]: partitions } });
    const voids = new Voids(row, project, appender);
    voids.working = voids.work();
    return voids;
  }

  async finish(): Promise<void> {
    this.stopping = true;
    await this.working;
    await this.appender.close();
  }

  /** Of each wave one event is left. */
  async faults(): Promise<string[]> {
    const totals = await totalsOf(this.row.fleet.bed.postgres.admin, this.prefix);
    const counted = new Map(totals.map(({ customer, calls }) => [customer, calls]));
    return this.customers.flatMap((customer) => {
      const calls = counted.get(customer) ?? 0;
      return calls === this.waves ? [] : [`${customer}: ${calls} calls, not ${this.waves}`];
    });
  }

  private async work(): Promise<void> {
    while (!this.stopping && this.waves < WAVES) {
      this.waves += 1;
      await this.append(this.customers.flatMap((customer) => this.wave(customer, this.waves)));
      await pause(PACE_MS);
    }
  }

  /** In order, which the appender keeps within a partition; what the log has twice is one. */
  private async append(entries: readonly Entry[]): Promise<void> {
    let left = [...entries];
    for (let tried = 1; left.length > 0; tried += 1) {
      if (tried > TRIES) throw new Error(`the log did not take ${left.length} events and voids`);
      const outcomes = await this.appender.append(topic, left);
      left = left.filter((_, at) => outcomes[at]?.kind !== 'acked');
    }
  }

  private wave(customer: string, wave: number): Entry[] {
    const [before, after, left] = ['before', 'after', 'left'].map((what) => `${wave}-${what}`);
    const event = (id = ''): Entry => this.event(customer, id);
    const voided = (id = ''): Entry => this.voided(customer, id);
    const first = [voided(before), event(before), event(before), voided(before)];
    return [...first, event(after), voided(after), event(after), voided(after), event(left)];
  }

  private event(customer: string, id: string): Entry {
    const { project } = this;
    // Sent again, it is the same.
    const time = this.row.startedAt;
    const value = encodeLogEntry({
      ...{ project, customer, source: SOURCE, id, time, receivedAt: time, catalogueVersion: 1 },
      content: hash('sha256', `${project}/${customer}/${id}`, 'hex'),
      ...{ model: 'gpt-4o', modelGroup: 'standard', workspace: '', user: '', role: '' },
      ...{ inputTokens: 10, outputTokens: 1, cacheReadTokens: 0, cacheWriteTokens: 0 },
      ...{ reasoningTokens: 0, images: 0, toolCalls: 0, tags: {} },
    });
    return { key: partitionKey(project, customer), value };
  }

  private voided(customer: string, id: string): Entry {
    const { project } = this;
    const of = { project, customer, source: SOURCE, id };
    const value = encodeVoidEntry({
      ...of,
      reason: 'chaos',
      actor: 'chaos',
      receivedAt: Date.now(),
    });
    return { key: partitionKey(project, customer), value };
  }
}
