import { Controller, Get } from '@nestjs/common';
import { WarehouseProgress } from './warehouse-progress';

/** For who waits until the warehouse has what the log has; offsets as decimal digits. */
@Controller('internal/warehouse')
export class ProgressController {
  constructor(private readonly progress: WarehouseProgress) {}

  @Get('progress')
  async read() {
    const drained = await this.progress.isDrained();
    const asOf = new Date(await this.progress.asOf()).toISOString();
    const partitions = await this.progress.partitions();
    return {
      drained,
      asOf,
      partitions: partitions.map(({ partition, next, landed, end, intentOpen }) => ({
        partition,
        next: next.toString(),
        landed: landed.toString(),
        end: end.toString(),
        intentOpen,
      })),
    };
  }
}
