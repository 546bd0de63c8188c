import { Controller, Get } from '@nestjs/common';
import { TOPICS } from '@tallyward/contracts';
import { TotalsStore } from '../storage/totals/totals-store';

/** How far the totals are folded, for those who wait for it: tests, the demo, an operator. */
@Controller('internal')
export class ProgressController {
  constructor(private readonly store: TotalsStore) {}

  /** Offsets as decimal strings, by partition: everything before them is in the totals. */
  @Get('progress')
  async progress() {
    const topic = TOPICS.usageEvents.name;
    const progress = await this.store.progress(topic);
    return {
      topic,
      partitions: progress.map(({ partition, next, reached }) => {
        return { partition, next: String(next), reachedMs: reached };
      }),
    };
  }
}
