import { decisionRecorded, type DecisionRecorded } from './decisions';
import { ENTRY_FAULTS, readValue, type PartitionOf, type RawEntry } from './raw-entry';

/** Why an entry of the decision log is passed over. `id-conflict` is found by the fold's dedup. */
export const DECISION_FAULTS = {
  ...ENTRY_FAULTS,
  'not-a-decision': 'The value does not have the shape of decision.recorded.',
  'id-conflict': 'A decision with the same id and other content came before.',
} as const;
export type DecisionFault = keyof typeof DECISION_FAULTS;

export type ReadDecision =
  | { readonly kind: 'decision'; readonly decision: DecisionRecorded; readonly decidedAt: number }
  | { readonly kind: 'park'; readonly reason: DecisionFault; readonly detail: string };

/** Reads an entry of `quota.decisions.v1`, or says why it is passed over. */
export function readDecisionEntry(raw: RawEntry, partitionOf: PartitionOf): ReadDecision {
  const read = readValue(raw, decisionRecorded, decidedAtOf, partitionOf);
  if (read.kind === 'value') {
    return { kind: 'decision', decision: read.value, decidedAt: read.time };
  }
  if (read.kind === 'fault') return { ...read, kind: 'park' };
  return { kind: 'park', reason: 'not-a-decision', detail: read.detail };
}

const decidedAtOf = ({ decidedAt }: DecisionRecorded): number => Date.parse(decidedAt);
