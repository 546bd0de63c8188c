import type { LimitState } from '@tallyward/contracts';
import { fullness } from '../../ui/colours';

/** What is used of a limit, 1 being all of it; of one that is switched off anything is too much. */
export const share = ({ used, amount }: Pick<LimitState, 'used' | 'amount'>): number =>
  amount === 0 ? (used > 0 ? Infinity : 0) : used / amount;

/** Those that are not switched off, the fullest first. */
export const byFullness = (limits: readonly LimitState[]): LimitState[] =>
  limits
    .filter((limit) => fullness(limit) !== 'off')
    .sort((one, other) => share(other) - share(one));
