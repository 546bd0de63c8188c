import { Controller, Get } from '@nestjs/common';
import type { FoldPlace } from '@tallyward/contracts';
import type { FoldProgress } from '../load-warehouse/warehouse-progress';
import { WarehouseProgress } from '../load-warehouse/warehouse-progress';
import { ProofsProgress } from '../log-proofs/proofs-progress';

/** How far this service's folds of the usage log are, for the gateway. */
@Controller('internal/folds')
export class FoldsController {
  constructor(
    private readonly warehouse: WarehouseProgress,
    private readonly proofs: ProofsProgress,
  ) {}

  @Get()
  async read(): Promise<{ folds: FoldPlace[] }> {
    const places = [placeOf('warehouse', this.warehouse), placeOf('proofs', this.proofs)];
    return { folds: await Promise.all(places) };
  }
}

async function placeOf(name: FoldPlace['name'], progress: FoldProgress): Promise<FoldPlace> {
  const asOf = await progress.asOf();
  const partitions = await progress.partitions();
  let [folded, behind] = [0n, 0n];
  for (const { landed, end } of partitions) {
    folded += landed;
    if (end > landed) behind += end - landed;
  }
  const waited = asOf === 0 ? null : Math.max(0, Date.now() - asOf) / 1_000;
  const lagSeconds = behind === 0n ? 0 : waited;
  return { name, folded: Number(folded), behind: Number(behind), lagSeconds };
}
