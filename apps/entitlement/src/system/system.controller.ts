import { Controller, Get, Inject, Req } from '@nestjs/common';
import { type FoldPlace, TOPICS } from '@tallyward/contracts';
import type { Log } from '@tallyward/platform';
import { callerWith, type ManagementRequest } from '../catalog/management';
import { LOG_PORT } from '../resources';
import { QuarantineReader } from '../storage/quarantine/quarantine-reader';
import { TotalsStore } from '../storage/totals/totals-store';

const DAY_MS = 86_400_000;
const topic = TOPICS.usageEvents.name;

/** How this service is doing, for the gateway. */
@Controller('internal')
export class SystemController {
  constructor(
    @Inject(LOG_PORT) private readonly log: Pick<Log, 'admin'>,
    private readonly totals: TotalsStore,
    private readonly quarantine: QuarantineReader,
  ) {}

  @Get('folds')
  async folds(): Promise<{ folds: FoldPlace[] }> {
    const ends = await this.log.admin.endOffsets(topic);
    let [folded, behind, oldest] = [0n, 0n, Date.now()];
    let isKnown = true;
    for (const { partition, next, reached } of await this.totals.progress(topic)) {
      const end = ends.get(partition) ?? 0n;
      folded += next;
      if (end <= next) continue;
      behind += end - next;
      // What waits came after the last entry that was folded: no longer than this, then.
      if (reached === null) isKnown = false;
      else oldest = Math.min(oldest, reached);
    }
    const lagSeconds = isKnown ? (Date.now() - oldest) / 1_000 : null;
    const place = { folded: Number(folded), behind: Number(behind) };
    return { folds: [{ name: 'totals', ...place, lagSeconds: behind === 0n ? 0 : lagSeconds }] };
  }

  @Get('quarantined')
  async quarantined(@Req() request: ManagementRequest): Promise<{ last24h: number }> {
    const { project, operator } = callerWith(request, 'read');
    return { last24h: await this.quarantine.since(project, operator, Date.now() - DAY_MS) };
  }
}
