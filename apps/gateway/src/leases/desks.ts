import { partitionKey } from '@tallyward/domain';
import { CustomerDesk } from './customer-desk';

/** Desks looked at in one sweep, at most. */
const SWEEP = 2_000;

/** The desks of all customers that this process decided on lately. */
export class Desks {
  private readonly desks = new Map<string, CustomerDesk>();
  private cursor = this.desks.entries();

  of(project: string, customer: string): CustomerDesk {
    const key = partitionKey(project, customer);
    const found = this.desks.get(key);
    if (found) return found;
    const made = new CustomerDesk(project, customer);
    this.desks.set(key, made);
    return made;
  }

  known(project: string, customer: string): CustomerDesk | undefined {
    return this.desks.get(partitionKey(project, customer));
  }

  get size(): number {
    return this.desks.size;
  }

  /**
   * Forgets what no call met for so long, or up to twice that: also counters of a customer that
   * calls all the time, whose users come and go.
   */
  sweep(nowMs: number, idleMs: number): void {
    for (let seen = 0; seen < SWEEP; seen++) {
      const { value, done } = this.cursor.next();
      if (done) {
        this.cursor = this.desks.entries();
        return;
      }
      const [key, desk] = value;
      if (nowMs - desk.tidiedAtMs < idleMs) continue;
      desk.tidy(nowMs);
      if (desk.isIdle && nowMs - desk.metAtMs >= idleMs) this.desks.delete(key);
    }
  }
}
