import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { until } from './until';

const DEATH_WITHIN_MS = 120_000;

/** Arms crash points of one process, in a file that it reads at each of them. */
export class Trap {
  constructor(private readonly file: string) {}

  /** The process dies at them, one in each of its lives, as soon as it gets there. */
  set(points: readonly string[]): void {
    this.clear();
    writeFileSync(this.file, points.join());
  }

  clear(): void {
    rmSync(this.file, { force: true });
    rmSync(`${this.file}.deaths`, { force: true });
  }

  /** Where it died since `set`; one whose line is not written whole has not died yet. */
  deaths(): string[] {
    const file = `${this.file}.deaths`;
    return existsSync(file) ? readFileSync(file, 'utf8').split('\n').slice(0, -1) : [];
  }

  /** Resolves when it has died so often. */
  async sprung(times: number): Promise<void> {
    await until(() => this.deaths().length >= times, {
      what: `death ${times} at ${this.file}`,
      withinMs: DEATH_WITHIN_MS,
    });
  }

  /** What its process is to be started with. */
  environment(): Record<string, string> {
    return { NODE_ENV: 'test', TALLYWARD_CRASH_AT: `@${this.file}` };
  }
}
