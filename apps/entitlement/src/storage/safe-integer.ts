/** A bigint of a raw query as a number; one beyond 2^53 is a broken invariant, never rounded. */
export function safeInteger(text: string | number): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw new Error(`${text} is beyond the safe integers`);
  return value;
}
