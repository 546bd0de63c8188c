import { Injectable } from '@nestjs/common';
import { crashPoint, inTransaction } from '@tallyward/platform';
import { DataSource } from 'typeorm';
import type { Closing, HeldBack } from '../../../close-periods/closing';
import { periodText } from './billing-keys';
import {
  addHeld,
  addRecords,
  lockCustomers,
  passOver,
  queue,
  release,
  takePeriods,
} from './billing-statements';

/** What the closer writes; each call is one short transaction. */
@Injectable()
export class BillingWrites {
  constructor(private readonly dataSource: DataSource) {}

  /**
   * Closes periods, each whole or not at all, and answers which. One that another closer has closed
   * meanwhile, or whose customer got usage that it does not know of, is left for the next look.
   */
  save(closings: readonly Closing[]): Promise<Closing[]> {
    return inTransaction(this.dataSource, async (manager) => {
      await lockCustomers(manager, closings);
      const taken = await takePeriods(manager, closings);
      crashPoint('billing.after-taken');
      await addRecords(manager, taken);
      crashPoint('billing.after-records');
      await release(manager, taken);
      crashPoint('billing.after-released');
      await queue(
        manager,
        taken.flatMap(({ records }) => records.map(({ entry }) => entry)),
      );
      crashPoint('billing.after-queue');
      await passOver(manager, closings);
      crashPoint('billing.before-commit');
      return taken;
    });
  }

  /** Holds periods back: the customer's other periods go on without them. */
  holdBack(held: readonly HeldBack[], now: number): Promise<void> {
    return inTransaction(this.dataSource, async (manager) => {
      await lockCustomers(manager, held);
      const fresh = await addHeld(manager, held, now);
      crashPoint('billing.after-held');
      await queue(
        manager,
        held.flatMap((one) =>
          fresh.has(periodText(one, one.period.from)) && one.fact ? [one.fact] : [],
        ),
      );
      crashPoint('billing.after-fact');
      await passOver(manager, held);
    });
  }
}
