import { LRUCache } from 'lru-cache';

/** Of holds that other gateways admitted, the last so many that this one settled. */
const MOST = 20_000;

interface Settling {
  /** Appends on their way. */
  running: number;
  /** The log has one of them, or may have. */
  isDone: boolean;
}

/**
 * Which holds of other gateways this one settled, or is settling: those it does not release, though
 * their owner has not heard of it yet and would. In memory, the newest alone: what is forgotten is
 * released as at any third gateway.
 */
export class SettledHere {
  private readonly holds = new LRUCache<string, Settling>({ max: MOST });

  settling(id: string): void {
    const found = this.holds.get(id) ?? { running: 0, isDone: false };
    found.running += 1;
    this.holds.set(id, found);
  }

  appended(id: string, outcome: 'acked' | 'unknown' | 'failed'): void {
    const found = this.holds.get(id);
    if (!found) return;
    found.running -= 1;
    found.isDone ||= outcome !== 'failed';
    if (!found.isDone && found.running === 0) this.holds.delete(id);
  }

  has(id: string): boolean {
    return this.holds.has(id);
  }
}
