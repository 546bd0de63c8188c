import { Inject, Injectable } from '@nestjs/common';
import type { Log } from '@tallyward/platform';
import { FoldConsumer } from '../load-warehouse/fold.consumer';
import type { OwnedPartitions } from '../load-warehouse/owned-partitions';
import { FATAL, LOG_PORT } from '../resources';
import { DECISION_LOG } from './decision-row';

/** The partitions of the decision log, beside those of the usage log. */
export const DECISION_PARTITIONS = Symbol('the partitions of the decision log');

const FOLLOWED = {
  topic: DECISION_LOG.topic,
  group: 'aggregator.decisions',
  check: 'decisions-fold',
} as const;

/** The edge of the decision log's fold. */
@Injectable()
export class DecisionsConsumer extends FoldConsumer {
  constructor(
    @Inject(LOG_PORT) log: Log,
    @Inject(DECISION_PARTITIONS) partitions: OwnedPartitions,
    @Inject(FATAL) fatal: (error: Error) => void,
  ) {
    super(FOLLOWED, log, partitions, fatal);
  }
}
