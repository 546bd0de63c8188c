import { type ClockReading, elapsedMs } from '@tallyward/domain';
import { randomBytes } from 'node:crypto';

const RANDOM_BYTES = 9;
/** With the random part well below what the contract and a hold's token have room for. */
const INSTANCE_CHARACTERS = 40;
/** An older reading of entitlement's clock gives way to any newer one. */
const READING_LASTS_MS = 60_000;

const readClocks = (): ClockReading => ({
  monotonicMs: performance.now(),
  wallMs: Date.now(),
});

/**
 * This process among all gateways: its name with a random part, so that a restarted one is another
 * (PROTOCOL 2), its numbers, its two clocks, and how far the wall clock is from entitlement's.
 */
export class GatewayProcess {
  readonly id: string;
  private lastAsk = 0;
  private lastDecision = 0;
  private aheadMs = 0;
  private tookMs = Infinity;
  private read: ClockReading | null = null;

  constructor(
    instance: string,
    /** Both clocks, to be read once for each thing that is decided. */
    readonly clocks: () => ClockReading = readClocks,
  ) {
    const random = randomBytes(RANDOM_BYTES).toString('base64url');
    this.id = `${instance.slice(0, INSTANCE_CHARACTERS)}.${random}`;
  }

  nextAsk(): string {
    return `${this.id}.${++this.lastAsk}`;
  }

  /** A decision's number; if it holds, the hold's too. */
  nextDecision(): number {
    return ++this.lastDecision;
  }

  /** Entitlement's clock said `at` (epoch ms) between `since` and `now`. */
  heard(at: number, since: ClockReading, now: ClockReading): void {
    const tookMs = elapsedMs(since, now);
    const isStale = this.read === null || elapsedMs(this.read, now) > READING_LASTS_MS;
    if (tookMs > this.tookMs && !isStale) return;
    this.tookMs = tookMs;
    this.read = now;
    this.aheadMs = at + tookMs / 2 - now.wallMs;
  }

  /** What entitlement's clock says by now, as far as this process knows; epoch ms. */
  issuerNow(now: ClockReading): number {
    return Math.floor(now.wallMs + this.aheadMs);
  }
}
