import { Inject, Injectable, type OnModuleDestroy } from '@nestjs/common';
import { type QuotaGrant, TOPICS } from '@tallyward/contracts';
import type { Appender, Log } from '@tallyward/platform';
import { LOG_PORT } from '../resources';
import { leaseMetrics } from './lease-metrics';

const { name: topic, partitions } = TOPICS.quotaGrants;

/** Batches of answers on their way to the log; more wait for one of them. */
const MOST_ON_THE_WAY = 64;

/**
 * Tells gateways. What the log does not take is told again where it matters: a gateway repeats its
 * ask each second, and who is refused again recalls again.
 */
@Injectable()
export class GrantsSender implements OnModuleDestroy {
  private readonly appender: Appender;
  private readonly onTheWay = new Set<Promise<void>>();

  constructor(@Inject(LOG_PORT) log: Pick<Log, 'appender'>) {
    this.appender = log.appender({ partitions: { [topic]: partitions }, limits: { lingerMs: 0 } });
  }

  async onModuleDestroy(): Promise<void> {
    await this.appender.close();
  }

  /** In their order; answers once there is room for the next. */
  async send(told: readonly QuotaGrant[]): Promise<void> {
    if (told.length === 0) return;
    const sending = this.append(told).finally(() => {
      this.onTheWay.delete(sending);
    });
    this.onTheWay.add(sending);
    if (this.onTheWay.size > MOST_ON_THE_WAY) await Promise.race(this.onTheWay);
  }

  private async append(told: readonly QuotaGrant[]): Promise<void> {
    const entries = told.map((one) => ({ key: one.gateway, value: JSON.stringify(one) }));
    const outcomes = await this.appender.append(topic, entries).catch(() => []);
    const lost = told.length - outcomes.filter(({ kind }) => kind === 'acked').length;
    if (lost > 0) leaseMetrics().untold.add(lost);
  }
}
