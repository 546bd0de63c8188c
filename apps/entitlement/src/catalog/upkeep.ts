import { Injectable } from '@nestjs/common';
import { EntitlementEvents } from '../events';
import { UpkeepStore } from '../storage/catalog/upkeep-store';
import { PRUNE_ROWS } from '../storage/idempotency/idempotency';
import { CatalogService } from './catalog.service';

/** How often expired keys are dropped and remembered requests forgotten. */
export const UPKEEP_EVERY_MS = 60_000;
/** Projects whose expired keys are dropped in one round. */
export const UPKEEP_PROJECTS = 100;
/** Batches of remembered requests forgotten in one round. */
export const UPKEEP_BATCHES = 20;

const ORIGIN = { actor: 'entitlement', reason: 'expired', request: null };

/** Takes away what time has ended. Every instance does; what one has done, the other finds done. */
@Injectable()
export class Upkeep {
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> = Promise.resolve();

  constructor(
    private readonly store: UpkeepStore,
    private readonly catalog: CatalogService,
    private readonly events: EntitlementEvents,
  ) {}

  start(): void {
    this.timer = setInterval(() => {
      this.running = this.running.then(() => this.round());
    }, UPKEEP_EVERY_MS);
  }

  async onModuleDestroy(): Promise<void> {
    clearInterval(this.timer);
    await this.running;
  }

  async round(): Promise<void> {
    try {
      for (const project of await this.store.projectsWithExpiredKeys(UPKEEP_PROJECTS)) {
        await this.catalog.change(project, ORIGIN, { kind: 'drop-expired-keys' });
      }
      for (let batch = 0; batch < UPKEEP_BATCHES; batch += 1) {
        if ((await this.store.pruneRequests()) < PRUNE_ROWS) break;
      }
    } catch (error) {
      this.events.upkeepFailed(error);
    }
  }
}
