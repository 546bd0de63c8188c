import type { z } from 'zod';
import { decisionRecorded, type DecisionRecorded } from './decisions';
import { ENTRY_FAULTS, faultOfPlace, jsonOf, type PartitionOf, type RawEntry } from './raw-entry';

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
  const read = jsonOf(raw.value);
  if (read.kind === 'fault') return { ...read, kind: 'park' };
  const parsed = decisionRecorded.safeParse(read.json);
  if (!parsed.success) {
    return { kind: 'park', reason: 'not-a-decision', detail: described(parsed.error) };
  }
  const decision = parsed.data;
  const decidedAt = Date.parse(decision.decidedAt);
  const misplaced = faultOfPlace(raw, { ...decision, time: decidedAt }, partitionOf);
  if (misplaced) return { ...misplaced, kind: 'park' };
  return { kind: 'decision', decision, decidedAt };
}

function described(error: z.ZodError): string {
  const [issue] = error.issues;
  return issue ? `${issue.path.join('.') || 'value'}: ${issue.message}` : error.message;
}
