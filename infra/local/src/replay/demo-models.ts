/** The models of the demo and the group each belongs to: one per group. */
export const DEMO_MODELS: ReadonlyMap<string, string> = new Map([
  ['gpt-4o-mini', 'standard'],
  ['gpt-4o', 'premium'],
  ['claude-opus-4-1', 'super-premium'],
  ['o3', 'reasoning'],
]);
