/**
 * For `bigint` columns: sums go up to 2^53 − 1 (the contract's bound), and arrive from the driver
 * as strings. A value beyond that is a broken invariant, never rounded.
 */
export const bigintAsNumber = {
  to(value: number | null | undefined): string | null | undefined {
    if (value === null || value === undefined) return value;
    return exact(value).toString();
  },
  from(value: string | null): number | null {
    return value === null ? null : exact(Number(value));
  },
};

/** For `bigint` and `numeric` columns whose values may pass 2^53, as hash sums. */
export const integerAsBigint = {
  to: (value: bigint | null | undefined): string | null | undefined =>
    value === null || value === undefined ? value : value.toString(),
  from: (value: string | null): bigint | null => (value === null ? null : BigInt(value)),
};

function exact(value: number): number {
  if (!Number.isSafeInteger(value)) throw new Error(`Not a whole number below 2^53: ${value}`);
  return value;
}
