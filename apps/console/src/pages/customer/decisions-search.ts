/** Refusals first. */
export const OUTCOMES_SHOWN = ['block', 'throttle', 'restrict', 'allow'] as const;

/** Which of a customer's decisions are listed, as the address holds it. */
export interface DecisionsSearch {
  readonly outcome?: (typeof OUTCOMES_SHOWN)[number] | undefined;
}

export function decisionsSearch({ outcome }: Record<string, unknown>): DecisionsSearch {
  const known = OUTCOMES_SHOWN.find((one) => one === outcome);
  return known ? { outcome: known } : {};
}
