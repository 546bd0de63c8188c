import { amountsOf } from '@tallyward/domain';
import type { Given } from '@tallyward/testing';
import fc from 'fast-check';
import type { UnitSums } from '@tallyward/testing';

export const CUSTOMERS = ['c1', 'c,"2"', 'ü 3'] as const;
const amount = fc.oneof(fc.nat({ max: 5_000 }), fc.nat({ max: 1_000_000_000 }));

/** A usage event of the span, with what breaks a careless CSV. */
export const someEvent = (from: number, to: number) =>
  fc.record({
    customer: fc.constantFrom(...CUSTOMERS),
    time: fc.integer({ min: from, max: to - 1 }),
    model: fc.constantFrom('gpt-4o', 'o3', 'm"2",'),
    user: fc.constantFrom(undefined, 'a,"b"', 'two\r\nlines', "=1+1'$$", '足りる', '\\N'),
    inputTokens: amount,
    outputTokens: amount,
    images: fc.nat({ max: 9 }),
    toolCalls: fc.nat({ max: 9 }),
  });
export type Some = typeof someEvent extends (...of: never[]) => fc.Arbitrary<infer T> ? T : never;

/** As it is sent. */
export const sent = (event: Some, id: string): Given => ({ ...event, id });

/** What each unit has of it. */
export function countedOf({ inputTokens, outputTokens, images, toolCalls }: Some): UnitSums {
  const none = { cacheReadTokens: 0, cacheWriteTokens: 0, reasoningTokens: 0 };
  return amountsOf({ ...none, inputTokens, outputTokens, images, toolCalls });
}
