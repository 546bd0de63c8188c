import { Inject, Injectable } from '@nestjs/common';
import type { Log } from '@tallyward/platform';
import { FATAL, LOG_PORT } from '../resources';
import { FoldConsumer } from './fold.consumer';
import { OwnedPartitions } from './owned-partitions';
import { USAGE_LOG } from './usage-row';

const FOLLOWED = {
  topic: USAGE_LOG.topic,
  group: 'aggregator.warehouse',
  check: 'warehouse-fold',
} as const;

/** The edge of the warehouse fold: the usage log. */
@Injectable()
export class WarehouseConsumer extends FoldConsumer {
  constructor(
    @Inject(LOG_PORT) log: Log,
    partitions: OwnedPartitions,
    @Inject(FATAL) fatal: (error: Error) => void,
  ) {
    super(FOLLOWED, log, partitions, fatal);
  }
}
