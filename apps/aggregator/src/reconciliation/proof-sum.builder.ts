import { addAmounts, addProofs, zeroAmounts, type UsageEvent } from '@tallyward/domain';
import type { SideProof } from '../close-periods/closing';

/** What a side says that holds these events. */
export function proofSumOf(
  events: readonly { readonly event: UsageEvent }[],
  proofOf: (event: UsageEvent) => bigint,
): SideProof {
  const amounts = zeroAmounts();
  let proof = 0n;
  for (const { event } of events) {
    addAmounts(amounts, event.amounts);
    proof = addProofs(proof, proofOf(event));
  }
  return { amounts, proof };
}
