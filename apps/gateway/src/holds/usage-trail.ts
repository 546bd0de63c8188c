import { HOLD_SOURCE, holdEventId, type HoldToken } from '@tallyward/domain';
import { CALLER_HEADER, signCaller } from '@tallyward/platform';

/** A release waits so long for the trail, at most. */
const ANSWER_WITHIN_MS = 500;
/** Requests on their way at once; above, it is not asked. */
const MOST_AT_ONCE = 32;

/** The trail of events that count, kept by a service behind: which holds were settled anywhere. */
export class UsageTrail {
  private running = 0;

  constructor(
    /** Where it is kept, as `http://127.0.0.1:8082`. */
    private readonly address: string,
    private readonly secret: string,
  ) {}

  /** Whether it has a hold's settlement; false too where it does not say so in time. */
  async hasSettlement(token: HoldToken, project: string): Promise<boolean> {
    if (this.running >= MOST_AT_ONCE) return false;
    this.running += 1;
    try {
      const response = await fetch(this.placeOf(token), {
        headers: { [CALLER_HEADER]: this.caller(token, project) },
        signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
      });
      await response.body?.cancel();
      return response.status === 200;
    } catch {
      // Away or late: the caller does without.
      return false;
    } finally {
      this.running -= 1;
    }
  }

  private placeOf(token: HoldToken): string {
    const id = encodeURIComponent(holdEventId(token));
    const customer = encodeURIComponent(token.customer);
    return `${this.address}/v1/events/${HOLD_SOURCE}/${id}?customer=${customer}`;
  }

  /** This gateway asks for itself, and may read that project alone. */
  private caller({ gateway }: HoldToken, project: string): string {
    const self = { keyId: 'gateway', actor: gateway, operator: false };
    return signCaller({ project, scopes: ['read'], ...self }, this.secret);
  }
}
