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

  /** Forgets what no call met since `beforeMs`, by the monotonic clock. */
  sweep(beforeMs: number): void {
    for (let seen = 0; seen < SWEEP; seen++) {
      const { value, done } = this.cursor.next();
      if (done) {
        this.cursor = this.desks.entries();
        return;
      }
      const [key, desk] = value;
      if (desk.metAtMs >= beforeMs) continue;
      desk.forgetIdle();
      if (desk.isIdle) this.desks.delete(key);
    }
  }
}
