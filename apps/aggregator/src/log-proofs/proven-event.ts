import { readLogEntry } from '@tallyward/contracts';
import { identityText, type UsageEvent } from '@tallyward/domain';
import type { KeyedEvent, ReadRow } from '../load-warehouse/form-batch';
import { homeOf, identityKey } from '../load-warehouse/loaded-log';

/** An event of the usage log, whole: what it proves is made of it when it counts. */
export interface ProvenEvent extends KeyedEvent {
  readonly event: UsageEvent;
}

export const readProvenEvent: ReadRow<ProvenEvent> = (raw) => {
  const read = readLogEntry(raw, homeOf);
  if (read.kind === 'park') return read;
  const { entry } = read;
  return {
    kind: 'row',
    event: { ...entry, identity: identityKey(identityText(entry.event)), row: '' },
  };
};
