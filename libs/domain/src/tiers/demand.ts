import { amountsOf, type Amounts } from '../units';

/** What a caller expects of one call: `maxOutputTokens` is the most it lets the model write. */
export interface Estimate {
  readonly inputTokens: number;
  readonly maxOutputTokens: number;
  readonly images: number;
  readonly toolCalls: number;
}

/**
 * The most a call can use of every unit: cached tokens are inside input, reasoning tokens inside
 * output, so each of them is bounded by the whole.
 */
export function demandOf({ inputTokens, maxOutputTokens, images, toolCalls }: Estimate): Amounts {
  return amountsOf({
    inputTokens,
    outputTokens: maxOutputTokens,
    cacheReadTokens: inputTokens,
    cacheWriteTokens: inputTokens,
    reasoningTokens: maxOutputTokens,
    images,
    toolCalls,
  });
}
