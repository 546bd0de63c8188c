import { Controller, Get } from '@nestjs/common';
import { WarehouseProgress, type FoldProgress } from './warehouse-progress';

/** How far a fold has come; offsets as decimal digits. */
export async function progressAnswer(progress: FoldProgress) {
  const drained = await progress.isDrained();
  const asOf = new Date(await progress.asOf()).toISOString();
  const partitions = await progress.partitions();
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

/** For who waits until the warehouse has what the log has. */
@Controller('internal/warehouse')
export class ProgressController {
  constructor(private readonly progress: WarehouseProgress) {}

  @Get('progress')
  read() {
    return progressAnswer(this.progress);
  }
}
