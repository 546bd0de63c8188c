import {
  Injectable,
  Logger,
  type OnApplicationBootstrap,
  type OnModuleDestroy,
} from '@nestjs/common';
import { crashPoint } from '@tallyward/platform';
import { setTimeout as pause } from 'node:timers/promises';
import { GrantsSender } from './grants-sender';
import { LeasePruning } from './prune-leases';
import { Reclaim } from './reclaim';
import { RefusedGateways } from './refused-gateways';

/** From the end of one round to the beginning of the next. */
export const RECLAIM_EVERY_MS = 500;
export const PRUNE_EVERY_MS = 10 * 60_000;

/** Runs reclaiming and pruning for as long as the process does. */
@Injectable()
export class LeaseUpkeep implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger('LeaseUpkeep');
  private readonly stopping = new AbortController();
  private running: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly reclaim: Reclaim,
    private readonly pruning: LeasePruning,
    private readonly refused: RefusedGateways,
    private readonly sender: GrantsSender,
  ) {}

  onApplicationBootstrap(): void {
    this.running = Promise.all([
      this.repeat(RECLAIM_EVERY_MS, 'leases wait to be reclaimed', this.giveBack),
      this.repeat(PRUNE_EVERY_MS, 'leases wait for the next pruning', this.tidyUp),
    ]);
  }

  async onModuleDestroy(): Promise<void> {
    this.stopping.abort();
    await this.running;
  }

  private readonly giveBack = async (): Promise<void> => {
    const { freed } = await this.reclaim.round();
    crashPoint('leases.after-round');
    await this.sender.send(this.refused.freed(freed));
  };

  private readonly tidyUp = (): Promise<unknown> => this.pruning.prune(this.stopping.signal);

  private async repeat(
    everyMs: number,
    trouble: string,
    work: () => Promise<unknown>,
  ): Promise<void> {
    const { signal } = this.stopping;
    while (!signal.aborted) {
      await work().catch((error: unknown) => this.logger.warn({ err: error }, trouble));
      await pause(everyMs, undefined, { signal, ref: false }).catch(() => undefined);
    }
  }
}
