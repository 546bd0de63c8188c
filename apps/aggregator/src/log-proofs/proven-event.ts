import type { CountedBatch, ReadRow } from '../load-warehouse/form-batch';
import { readUsage, type KeyedUsage } from '../load-warehouse/usage-row';

/** What an event proves is made of it when it counts: it has no row. */
export type ProvenEvent = KeyedUsage;

/** A batch with the events that its voids take back, each at the void's offset. */
export interface CountedProofs extends CountedBatch<ProvenEvent> {
  readonly takenBack: readonly Pick<ProvenEvent, 'offset' | 'event'>[];
}

export const readProvenEvent: ReadRow<ProvenEvent> = (raw) => readUsage(raw, () => '');
