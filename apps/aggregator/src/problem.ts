import { PROBLEMS } from '@tallyward/contracts';
import { problemsFrom } from '@tallyward/platform';

/** The contract's problems, by code. */
export const problem = problemsFrom(PROBLEMS);
