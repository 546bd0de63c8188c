import type { Fleet, MemberName } from './fleet';

const LOOK_EVERY_MS = 250;
const LOOK_DEADLINE_MS = 5_000;

/** How many entries a gateway has waiting for the log, at most. */
export class QueueWatch {
  most = 0;
  private looking = true;
  private readonly running: Promise<void>;

  constructor(
    private readonly fleet: Fleet,
    readonly gateway: MemberName,
  ) {
    this.running = this.run();
  }

  async end(): Promise<void> {
    this.looking = false;
    await this.running;
  }

  private async run(): Promise<void> {
    while (this.looking) {
      this.most = Math.max(this.most, await this.look().catch(() => 0));
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
    }
  }

  private async look(): Promise<number> {
    const signal = AbortSignal.timeout(LOOK_DEADLINE_MS);
    const answer = await fetch(`${this.fleet.member(this.gateway).url}/metrics`, { signal });
    const [, entries] =
      /^tallyward_log_queued_entries(?:\{.*\})? (\d+)/m.exec(await answer.text()) ?? [];
    return Number(entries ?? 0);
  }
}
