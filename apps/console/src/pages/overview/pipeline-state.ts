import type { FoldState, SystemState } from '../../api/system';

export type StageState = 'up' | 'behind' | 'down';

/** What the budgets aim at: an event is in the slower of the folds within five seconds. */
const LATE_SECONDS = 5;

/** Nothing behind has no lag; where the count is not told, the lag says it. */
export const hasAll = ({ behind, lagSeconds }: FoldState): boolean => (behind ?? lagSeconds) === 0;

/** How late a fold may be before it counts as behind; what can not be told and is behind is. */
export function isLate(fold: FoldState): boolean {
  const { lagSeconds } = fold;
  if (hasAll(fold)) return false;
  return lagSeconds === null || lagSeconds > LATE_SECONDS;
}

/** The log has no state of its own: a gateway that can not reach it is not up. */
export const logState = (system: SystemState): StageState => serviceOf(system, 'gateway');

/** A stage that no service stands for runs as long as the others answer. */
export function serviceOf({ services }: SystemState, name: string): StageState {
  const state = services.find((service) => service.name === name)?.state ?? 'up';
  return state === 'degraded' ? 'behind' : state;
}
