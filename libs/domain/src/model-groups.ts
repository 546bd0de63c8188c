/**
 * What a reroute into a group calls: the model somebody chose, else the group's first by name (by
 * UTF-16 code units, so that every process agrees); null where the group has none.
 */
export function defaultModelOf(chosen: string | null, models: Iterable<string>): string | null {
  if (chosen !== null) return chosen;
  let first: string | null = null;
  for (const model of models) if (first === null || model < first) first = model;
  return first;
}
