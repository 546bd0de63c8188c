import {
  Inject,
  Injectable,
  type OnApplicationBootstrap,
  type OnModuleDestroy,
} from '@nestjs/common';
import { type KeysUsed, keysUsed, TOPICS } from '@tallyward/contracts';
import type { Log, LogEntry, ServiceLogger, Tail } from '@tallyward/platform';
import { LOG_PORT, SERVICE_LOG } from '../resources';
import { KeyUseStore } from '../storage/catalog/key-use-store';

const RETRY_MS = 5_000;
const MAX_WAIT_MS = 1_000;

/**
 * Hears when keys were used last. Every instance reads the whole topic, a day long, and the newest
 * instant stands: what one has written, the others find written. Nothing hangs on it but what is
 * shown: what can't be written is passed over, until the key is used again.
 */
@Injectable()
export class KeyUseConsumer implements OnApplicationBootstrap, OnModuleDestroy {
  private tail: Tail | undefined;
  private retry: NodeJS.Timeout | undefined;
  private isStopping = false;

  constructor(
    @Inject(LOG_PORT) private readonly log: Log,
    @Inject(SERVICE_LOG) private readonly lines: Pick<ServiceLogger, 'warn'>,
    private readonly store: KeyUseStore,
  ) {}

  onApplicationBootstrap(): void {
    this.listen();
  }

  async onModuleDestroy(): Promise<void> {
    this.isStopping = true;
    clearTimeout(this.retry);
    await this.tail?.stop();
  }

  private listen(): void {
    const tail = this.log.tail({
      topic: TOPICS.keysUsed.name,
      maxWaitMs: MAX_WAIT_MS,
      onEntries: (_partition, entries) => this.take(entries),
      onCaughtUp: () => undefined,
      onFatal: (fault) => this.listenLater(tail, fault),
    });
    this.tail = tail;
    tail.start().catch((error: unknown) => this.listenLater(tail, error));
  }

  private listenLater(tail: Tail, error: unknown): void {
    if (this.isStopping || this.tail !== tail) return;
    this.tail = undefined;
    this.lines.warn({ err: error }, 'the use of keys can not be read yet');
    this.retry = setTimeout(() => this.listen(), RETRY_MS);
    tail.stop().catch(() => undefined);
  }

  private async take(entries: readonly LogEntry[]): Promise<void> {
    for (const told of newestOf(entries.flatMap((entry) => readUse(entry) ?? []))) {
      try {
        await this.store.note(told);
      } catch (error) {
        this.lines.warn({ err: error }, 'the use of keys could not be noted');
      }
    }
  }
}

/** One message a project, with the newest instant of each key: a day of them is one statement. */
export function newestOf(messages: readonly KeysUsed[]): KeysUsed[] {
  const byProject = new Map<string, Map<string, string>>();
  for (const { project, keys } of messages) {
    const newest = byProject.get(project) ?? new Map<string, string>();
    byProject.set(project, newest);
    for (const { id, usedAt } of keys) {
      if (Date.parse(usedAt) > Date.parse(newest.get(id) ?? '1970-01-01')) newest.set(id, usedAt);
    }
  }
  return [...byProject].map(([project, newest]) => {
    return { project, keys: [...newest].map(([id, usedAt]) => ({ id, usedAt })) };
  });
}

/** Null where it can't be read, or Postgres could not hold it. */
function readUse({ value }: LogEntry): KeysUsed | null {
  try {
    const read = keysUsed.safeParse(JSON.parse(String(value))).data;
    return read && !JSON.stringify(read).includes('\\u0000') ? read : null;
  } catch {
    return null;
  }
}
