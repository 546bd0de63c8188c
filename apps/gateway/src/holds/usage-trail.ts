import { HOLD_SOURCE, holdEventId, type HoldToken, type UsageEvent } from '@tallyward/domain';
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
    const { customer } = token;
    const event = { project, customer, source: HOLD_SOURCE, id: holdEventId(token) };
    const times = await this.timesOf(event, ANSWER_WITHIN_MS);
    return times !== null && times.length > 0;
  }

  /**
   * The times (epoch ms) of what counted under an identity, that is one, or more where an id was
   * used again; none: it does not have it. Null: it does not say so in time.
   */
  async timesOf(event: Asked, withinMs: number): Promise<readonly number[] | null> {
    if (this.running >= MOST_AT_ONCE) return null;
    this.running += 1;
    try {
      const response = await fetch(this.placeOf(event), {
        headers: { [CALLER_HEADER]: this.caller(event.project) },
        signal: AbortSignal.timeout(withinMs),
      });
      if (response.status === 404) {
        await response.body?.cancel();
        return [];
      }
      if (!response.ok) throw new Error(`The trail answers ${response.status}`);
      const { data } = (await response.json()) as { data: { time: string }[] };
      return data.map(({ time }) => Date.parse(time));
    } catch {
      // Away or late: the caller does without.
      return null;
    } finally {
      this.running -= 1;
    }
  }

  private placeOf({ customer, source, id }: Asked): string {
    const [of, at, who] = [source, id, customer].map(encodeURIComponent);
    return `${this.address}/v1/events/${of}/${at}?customer=${who}`;
  }

  /** This gateway asks for itself, and may read that project alone. */
  private caller(project: string): string {
    const self = { keyId: 'gateway', actor: 'gateway', operator: false };
    return signCaller({ project, scopes: ['read'], ...self }, this.secret);
  }
}

/** Of which event. */
type Asked = Pick<UsageEvent, 'project' | 'customer' | 'source' | 'id'>;
