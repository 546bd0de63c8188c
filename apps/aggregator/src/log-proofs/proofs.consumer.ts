import { Inject, Injectable } from '@nestjs/common';
import { TOPICS } from '@tallyward/contracts';
import type { Log } from '@tallyward/platform';
import { FoldConsumer } from '../load-warehouse/fold.consumer';
import type { OwnedPartitions } from '../load-warehouse/owned-partitions';
import { FATAL, LOG_PORT } from '../resources';

/** The partitions of the usage log, as the proofs fold has them in hand. */
export const PROOF_PARTITIONS = Symbol('the partitions of the proofs fold');

const FOLLOWED = {
  topic: TOPICS.usageEvents.name,
  group: 'aggregator.proofs',
  check: 'proofs-fold',
} as const;

/** The edge of the proofs fold. */
@Injectable()
export class ProofsConsumer extends FoldConsumer {
  constructor(
    @Inject(LOG_PORT) log: Log,
    @Inject(PROOF_PARTITIONS) partitions: OwnedPartitions,
    @Inject(FATAL) fatal: (error: Error) => void,
  ) {
    super(FOLLOWED, log, partitions, fatal);
  }
}
