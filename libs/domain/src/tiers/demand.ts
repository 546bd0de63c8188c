import type { Amounts } from '../units';

/**
 * What a caller expects of one call: `maxOutputTokens` is the most it lets the model write. No
 * tokens are none that it names: how many there will be is not known.
 */
export interface Estimate {
  readonly inputTokens: number;
  readonly maxOutputTokens: number;
  readonly images: number;
  readonly toolCalls: number;
}

/**
 * The most a call can use of every unit: cached tokens are inside input, reasoning tokens inside
 * output, so each of them is bounded by the whole. Of tokens that its caller does not name it needs
 * one, or it would pass a limit of which nothing is left; images and tool calls are none where none
 * are named.
 */
export function demandOf({ inputTokens, maxOutputTokens, images, toolCalls }: Estimate): Amounts {
  const input = Math.max(1, inputTokens);
  const output = Math.max(1, maxOutputTokens);
  return {
    calls: 1,
    tokens: Math.max(1, inputTokens + maxOutputTokens),
    inputTokens: input,
    outputTokens: output,
    cacheReadTokens: input,
    cacheWriteTokens: input,
    reasoningTokens: output,
    images,
    toolCalls,
  };
}
