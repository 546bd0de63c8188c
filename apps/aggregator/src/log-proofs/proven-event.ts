import { readLogEntry } from '@tallyward/contracts';
import { identityText, type UsageEvent } from '@tallyward/domain';
import type { CountedBatch, KeyedEvent, ReadRow } from '../load-warehouse/form-batch';
import { homeOf, identityKey } from '../load-warehouse/loaded-log';

/** An event of the usage log, whole: what it proves is made of it when it counts. */
export interface ProvenEvent extends KeyedEvent {
  readonly event: UsageEvent;
}

/** A batch with the events that its voids take back, each at the void's offset. */
export interface CountedProofs extends CountedBatch<ProvenEvent> {
  readonly takenBack: readonly Pick<ProvenEvent, 'offset' | 'event'>[];
}

export const readProvenEvent: ReadRow<ProvenEvent> = (raw) => {
  const read = readLogEntry(raw, homeOf);
  if (read.kind === 'park') return read;
  if (read.kind === 'void') {
    const { entry } = read;
    return { kind: 'void', event: { ...entry, identity: identityKey(identityText(entry.voids)) } };
  }
  const { entry } = read;
  return {
    kind: 'row',
    event: { ...entry, identity: identityKey(identityText(entry.event)), row: '' },
  };
};
