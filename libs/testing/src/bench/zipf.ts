/** Draws 0 … count−1, number n with a weight of 1 / (n + 1): always the same from the same seed. */
export function zipf(count: number, draws: number, seed = 1): Uint32Array {
  const upTo = new Float64Array(count);
  let sum = 0;
  for (let n = 0; n < count; n += 1) upTo[n] = sum += 1 / (n + 1);
  let state = seed;
  return Uint32Array.from({ length: draws }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return firstAbove(upTo, (state / 2 ** 32) * sum);
  });
}

function firstAbove(sorted: Float64Array, value: number): number {
  let [low, high] = [0, sorted.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] as number) > value) high = middle;
    else low = middle + 1;
  }
  return low;
}
