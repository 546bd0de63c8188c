/** Works through all items, so many at once, in order of their start. */
export async function inFlight<T>(
  items: readonly T[],
  atOnce: number,
  work: (item: T, worker: number) => Promise<void>,
): Promise<void> {
  let next = 0;
  const worker = async (_: unknown, number: number): Promise<void> => {
    while (next < items.length) await work(items[next++] as T, number);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
}
