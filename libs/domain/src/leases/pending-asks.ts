import type { Ask } from './ask';
import { type ClockReading, elapsedMs } from './elapsed';

interface PendingAsk {
  readonly ask: Ask;
  /** When it was first sent: deadlines count from here, whatever was repeated (PROTOCOL 3). */
  readonly since: ClockReading;
  lastSent: ClockReading;
}

/** An ask without an answer is repeated after so long. */
export const REPEAT_MS = 1_000;
/** Asks repeated at once, at most: entitlement may have been away, with thousands waiting. */
const MAX_REPEATS = 500;

/** Asks that have no answer yet. */
export class PendingAsks {
  private readonly asks = new Map<string, PendingAsk>();

  /** False: it is pending already, and its first sending stands. */
  add(ask: Ask, now: ClockReading): boolean {
    if (this.asks.has(ask.id)) return false;
    this.asks.set(ask.id, { ask, since: now, lastSent: now });
    return true;
  }

  get size(): number {
    return this.asks.size;
  }

  /** Ends it: only its first answer is taken. */
  take(id: string): Pick<PendingAsk, 'ask' | 'since'> | undefined {
    const found = this.asks.get(id);
    this.asks.delete(id);
    return found;
  }

  /** Those to send again, as they were. */
  due(now: ClockReading): Ask[] {
    const due: Ask[] = [];
    for (const pending of this.asks.values()) {
      if (due.length === MAX_REPEATS) break;
      if (elapsedMs(pending.lastSent, now) < REPEAT_MS) continue;
      pending.lastSent = now;
      due.push(pending.ask);
    }
    return due;
  }
}
