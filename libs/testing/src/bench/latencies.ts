/** Buckets of one power of two: what is told is at most 3 % above what was measured. */
const STEPS = 32;
const POWERS = 48;
const NANOS = 1e6;

/** How long things took, counted in buckets: nothing is made while one measures. */
export class Latencies {
  private readonly buckets = new Uint32Array(STEPS * POWERS);
  private counted = 0;
  private longestMs = 0;

  add(ms: number): void {
    const nanos = Math.max(STEPS, ms * NANOS);
    const power = Math.floor(Math.log2(nanos));
    const step = Math.floor((nanos / 2 ** power - 1) * STEPS);
    const at = Math.min(power * STEPS + step, this.buckets.length - 1);
    this.buckets[at] = (this.buckets[at] as number) + 1;
    this.counted += 1;
    if (ms > this.longestMs) this.longestMs = ms;
  }

  get count(): number {
    return this.counted;
  }

  get maxMs(): number {
    return this.longestMs;
  }

  /** The upper end of the bucket that this share of all lies in or below, ms. */
  at(share: number): number {
    if (this.counted === 0) throw new Error('nothing was measured');
    let left = Math.ceil(share * this.counted);
    for (let at = 0; at < this.buckets.length; at += 1) {
      left -= this.buckets[at] as number;
      if (left > 0) continue;
      const power = Math.floor(at / STEPS);
      return Math.min(this.longestMs, (2 ** power * (1 + ((at % STEPS) + 1) / STEPS)) / NANOS);
    }
    return this.longestMs;
  }
}

/** In the unit that reads best. */
export function timeText(ms: number): string {
  if (ms < 0.1) return `${(ms * 1_000).toFixed(2)} µs`;
  return ms < 10 ? `${ms.toFixed(2)} ms` : `${ms.toFixed(0)} ms`;
}

export function latencyText(of: Latencies): string {
  const [p50, p99] = [of.at(0.5), of.at(0.99)].map(timeText);
  return `p50 ${p50}, p99 ${p99}, max ${timeText(of.maxMs)}`;
}
