import { type BeforeApplicationShutdown, Inject, Injectable } from '@nestjs/common';
import { type KeysUsed, MOST_KEYS_USED, TOPICS } from '@tallyward/contracts';
import type { Appender, Log, ServiceLogger } from '@tallyward/platform';
import { LOG_PORT, SERVICE_LOG } from '../resources';
import type { Identity } from './authenticate';

/** How often this gateway tells which keys were used. */
export const TELL_EVERY_MS = 60_000;
/** The first use in a while waits so long for others. */
const GATHER_MS = 1_000;
/** Keys that are remembered until they are told; of more than that, the first ones are. */
export const MOST_REMEMBERED = 50_000;

/** By key: whose it is, and when it was used last, epoch ms. */
type Uses = Map<string, { readonly project: string; at: number }>;

/**
 * When each key was used last, kept in memory and told at most once a minute: a call costs a look
 * into a map, and nothing waits for it. What is not told when the process dies was never known.
 */
@Injectable()
export class KeyUse implements BeforeApplicationShutdown {
  private readonly appender: Appender;
  private used: Uses = new Map();
  private timer: NodeJS.Timeout | undefined;
  private toldAt = -Infinity;
  private telling: Promise<void> = Promise.resolve();
  private isStopping = false;

  constructor(
    @Inject(LOG_PORT) log: Log,
    @Inject(SERVICE_LOG) private readonly lines: Pick<ServiceLogger, 'warn'>,
  ) {
    const { name, partitions } = TOPICS.keysUsed;
    this.appender = log.appender({ partitions: { [name]: partitions } });
  }

  /** `now`: epoch ms. */
  note({ key, project }: Pick<Identity, 'key' | 'project'>, now: number): void {
    const before = this.used.get(key.keyId);
    if (before) before.at = now;
    else if (this.used.size < MOST_REMEMBERED) {
      this.used.set(key.keyId, { project: project.project, at: now });
      this.tellLater();
    }
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.isStopping = true;
    clearTimeout(this.timer);
    await this.telling;
    await this.tell();
  }

  private tellLater(): void {
    if (this.timer || this.isStopping) return;
    const due = this.toldAt + TELL_EVERY_MS - performance.now();
    this.timer = setTimeout(
      () => {
        this.timer = undefined;
        this.toldAt = performance.now();
        this.telling = this.tell();
      },
      Math.max(GATHER_MS, due),
    );
    this.timer.unref();
  }

  private async tell(): Promise<void> {
    const used = this.used;
    if (used.size === 0) return;
    this.used = new Map();
    const messages = messagesOf(used);
    try {
      const outcomes = await this.appender.append(
        TOPICS.keysUsed.name,
        messages.map((told) => ({ key: told.project, value: JSON.stringify(told) })),
      );
      messages.forEach((told, at) => outcomes[at]?.kind === 'acked' || this.keep(told));
    } catch (error) {
      this.lines.warn({ err: error }, 'which keys were used can not be told');
      messages.forEach((told) => this.keep(told));
    }
  }

  /** Told again with the next ones, unless the key was used since. */
  private keep({ project, keys }: KeysUsed): void {
    for (const { id, usedAt } of keys) {
      if (this.used.has(id) || this.used.size >= MOST_REMEMBERED) continue;
      this.used.set(id, { project, at: Date.parse(usedAt) });
    }
    this.tellLater();
  }
}

/** One message a project, or more where it has more keys than fit. */
function messagesOf(used: Uses): KeysUsed[] {
  const byProject = new Map<string, KeysUsed['keys'][]>();
  for (const [id, { project, at }] of used) {
    const parts = byProject.get(project) ?? [];
    byProject.set(project, parts);
    const last = parts.at(-1);
    const one = { id, usedAt: new Date(at).toISOString() };
    if (last && last.length < MOST_KEYS_USED) last.push(one);
    else parts.push([one]);
  }
  return [...byProject].flatMap(([project, parts]) => parts.map((keys) => ({ project, keys })));
}
