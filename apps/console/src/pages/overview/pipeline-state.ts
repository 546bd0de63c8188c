import { hasAll, type FoldState, type SystemState } from '../../api/system';

export type StageState = 'up' | 'behind' | 'down';

/** What the budgets aim at: an event is in the slower of the folds within five seconds. */
const LATE_SECONDS = 5;

/** How late a fold may be before it counts as behind; what can not be told and is behind is. */
export function isLate(fold: FoldState): boolean {
  const { lagSeconds } = fold;
  if (hasAll(fold)) return false;
  return lagSeconds === null || lagSeconds > LATE_SECONDS;
}

/** Of the gateway, and of the log, which no service stands for: one without it is not up. */
export function gatewayState({ services }: SystemState): StageState {
  const state = services.find(({ name }) => name === 'gateway')?.state ?? 'up';
  return state === 'degraded' ? 'behind' : state;
}
