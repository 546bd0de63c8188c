import type { Unit } from '@tallyward/domain';

/** What people read for the words of the API. */
export const UNIT_WORDS: Readonly<Record<Unit, string>> = {
  calls: 'calls',
  tokens: 'tokens',
  inputTokens: 'input tokens',
  outputTokens: 'output tokens',
  cacheReadTokens: 'cache-read tokens',
  cacheWriteTokens: 'cache-write tokens',
  reasoningTokens: 'reasoning tokens',
  images: 'images',
  toolCalls: 'tool calls',
};

export const WINDOW_WORDS = {
  request: 'each call',
  minute: 'a minute',
  hour: 'an hour',
  day: 'a day',
  week: 'a week',
  month: 'a month',
  billingPeriod: 'a billing period',
  lifetime: 'in all',
} as const;
