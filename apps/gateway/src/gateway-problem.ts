import { PROBLEMS } from '@tallyward/contracts';
import { problemsFrom } from '@tallyward/platform';

/** The problems that the gateway answers with. */
export const gatewayProblem = problemsFrom(PROBLEMS);
