import { LRUCache } from 'lru-cache';

/** The last so many that are remembered. */
const MOST = 20_000;

interface Settling {
  /** Appends on their way. */
  running: number;
  /** The log has one of them, or may have. */
  isDone: boolean;
}

/**
 * Which holds that the lease book has not open this gateway settled, or is settling, so that it
 * does not release them: those of other gateways, whose owner has not heard of it yet, and its own
 * that had ended or were released. In memory, the newest alone: what is forgotten is released as at
 * any third gateway.
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

  /** The log has it, or may have, whether this has seen it go or not. */
  done(id: string): void {
    const running = this.holds.get(id)?.running ?? 0;
    this.holds.set(id, { running, isDone: true });
  }

  has(id: string): boolean {
    return this.holds.has(id);
  }
}
