import { HttpLane, postBytes } from '@tallyward/testing';

/** How a hard limit says no. */
const REFUSED = /"reason":"(?:used-up|held)"/;
/** Not decided in time: no admission, and no word of the limit's either. */
const UNDECIDED = '"outcome":"throttle","reason":"degraded"';
const ESTIMATE = { inputTokens: 100, maxOutputTokens: 100 };

/** `POST /v1/decisions` for customers of one round, and which of them were let in how often. */
export class DecisionCaller {
  /** How often, by customer. */
  readonly admitted: number[];
  /** Calls that were throttled because they could not be decided in time. */
  undecided = 0;
  private readonly free: HttpLane[];

  private constructor(
    private readonly lanes: readonly HttpLane[],
    private readonly requests: readonly Buffer[],
  ) {
    this.free = [...lanes];
    this.admitted = requests.map(() => 0);
  }

  /** `atOnce`: connections, and the most calls that may be under way. */
  static async open(
    at: { readonly url: string; readonly key: string; readonly model: string },
    customers: readonly string[],
    atOnce: number,
  ): Promise<DecisionCaller> {
    const { url, key, model } = at;
    const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
    const requests = customers.map((customer) => {
      const body = JSON.stringify({ customer, model, estimate: ESTIMATE, hold: true });
      return postBytes('/v1/decisions', headers, body);
    });
    const lanes = await Promise.all(Array.from({ length: atOnce }, () => HttpLane.open(url)));
    return new DecisionCaller(lanes, requests);
  }

  /** Whether the customer may call, with a hold. Throws on an answer that is neither yes nor no. */
  async admits(customer: number): Promise<boolean> {
    const lane = this.free.pop();
    if (!lane) throw new Error('more calls at once than connections');
    const { status, body } = await lane.ask(this.requests[customer] as Buffer);
    this.free.push(lane);
    if (status !== 200) throw new Error(`${status}: ${body}`);
    if (body.includes('"outcome":"allow"') && body.includes('"holdId":"')) {
      this.admitted[customer] = (this.admitted[customer] as number) + 1;
      return true;
    }
    if (body.includes(UNDECIDED)) this.undecided += 1;
    else if (!REFUSED.test(body)) throw new Error(body);
    return false;
  }

  close(): void {
    for (const lane of this.lanes) lane.close();
  }
}
