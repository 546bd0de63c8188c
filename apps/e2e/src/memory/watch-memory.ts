import { residentBytes, until, type Service, type ServiceName } from '@tallyward/testing';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Stack } from '../stack.builder';
import type { Memory } from './flat';

const LOOK_EVERY_MS = 250;
/** The heap is asked for over HTTP: not at every look. */
const SCRAPE_EVERY_LOOKS = 8;
const SCRAPE_DEADLINE_MS = 30_000;
const COLLECTED_WITHIN_MS = 60_000;

const COLLECTOR = join(__dirname, 'collect-garbage.js');
const fileOf = (directory: string, service: ServiceName): string =>
  join(directory, `${service}.memory`);

/** What a service is started with, so that it can be told to collect its garbage. */
export const collecting = (directory: string, service: ServiceName): Record<string, string> => ({
  NODE_OPTIONS: `--require "${COLLECTOR}"`,
  TALLYWARD_MEMORY_FILE: fileOf(directory, service),
});

/** The three services of a stack whose memory is looked at. */
export class MemoryWatch {
  readonly names: readonly ServiceName[] = ['gateway', 'entitlement', 'aggregator'];
  private most = new Map<ServiceName, Memory>();
  private looks = 0;

  constructor(private readonly stack: Stack) {}

  /** The most of each while `work` went on: resident at every look, its heap now and then. */
  async during(work: () => Promise<void>): Promise<ReadonlyMap<ServiceName, Memory>> {
    this.most = new Map();
    let going = true;
    const looking = (async () => {
      while (going) {
        await this.look();
        await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
      }
    })();
    // A look that fails ends it: a service that died would be waited for until the deadline.
    await Promise.all([work().finally(() => (going = false)), looking]);
    return this.most;
  }

  /** What each still holds when its garbage is collected. */
  async collected(): Promise<ReadonlyMap<ServiceName, Memory>> {
    const found = new Map<ServiceName, Memory>();
    for (const name of this.names) {
      const file = fileOf(this.stack.bed.directory, name);
      const lines = () => (existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : []);
      const before = lines().length;
      process.kill(this.service(name).pid, 'SIGUSR2');
      await until(() => lines().length > before, {
        what: `${name} to have collected its garbage`,
        withinMs: COLLECTED_WITHIN_MS,
      });
      found.set(name, JSON.parse(lines().at(-1) ?? '') as Memory);
    }
    return found;
  }

  private async look(): Promise<void> {
    const isScrape = this.looks++ % SCRAPE_EVERY_LOOKS === 0;
    for (const name of this.names) {
      const service = this.service(name);
      const { heap, resident } = this.most.get(name) ?? { heap: 0, resident: 0 };
      this.most.set(name, {
        heap: Math.max(heap, isScrape ? await heapOf(service) : 0),
        resident: Math.max(resident, residentBytes(service.pid) ?? 0),
      });
    }
  }

  private service(name: ServiceName): Service {
    const { gateways, entitlement, aggregator } = this.stack;
    const service = { gateway: gateways[0], entitlement, aggregator }[name];
    if (!service) throw new Error(`no ${name}`);
    return service;
  }
}

async function heapOf({ url }: Service): Promise<number> {
  const signal = AbortSignal.timeout(SCRAPE_DEADLINE_MS);
  const text = await (await fetch(`${url}/metrics`, { signal })).text();
  return Number(/^process_heap_used_bytes(?:\{[^}]*\})? ([\d.e+]+)/m.exec(text)?.[1]);
}
