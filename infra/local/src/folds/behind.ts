import { TOPICS } from '@tallyward/contracts';

export interface Folds {
  readonly brokers: readonly string[];
  readonly topicPrefix?: string;
  /** Signs the caller header that the services ask for. */
  readonly internalSecret: string;
  /** A fold without an address is not waited for. */
  readonly entitlementUrl?: string;
  readonly aggregatorUrl?: string;
}

/** Entries of the log that a fold has not folded yet, by fold. */
export type Behind = Readonly<Record<string, number>>;

const REQUEST_DEADLINE_MS = 5_000;
const quiet = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

/**
 * Looks how far the folds are behind the end that the log has now. Keeps one connection to the log
 * until `close`.
 */
export function watchFolds(folds: Folds): { look(): Promise<Behind>; close(): Promise<void> } {
  // Loaded when it is needed: the platform takes a second, which `--help` need not wait for.
  const opened = import('@tallyward/platform').then((platform) => ({
    platform,
    log: platform.openLog({
      brokers: [...folds.brokers],
      clientId: 'watch-folds',
      namespace: folds.topicPrefix ?? '',
      logger: quiet,
    }),
  }));
  const addresses = {
    totals: folds.entitlementUrl && `${folds.entitlementUrl}/internal/progress`,
    warehouse: folds.aggregatorUrl && `${folds.aggregatorUrl}/internal/warehouse/progress`,
  };
  return {
    async look() {
      const { platform, log } = await opened;
      const headers = {
        [platform.CALLER_HEADER]: platform.signCaller(WAITING, folds.internalSecret),
      };
      const ends = await log.admin.endOffsets(TOPICS.usageEvents.name);
      const behind: Record<string, number> = {};
      for (const [fold, address] of Object.entries(addresses)) {
        if (address) behind[fold] = missing(ends, await progress(address, headers));
      }
      return behind;
    },
    close: async () => (await opened).log.close(),
  };
}

function missing(ends: ReadonlyMap<number, bigint>, reached: ReadonlyMap<number, bigint>): number {
  let entries = 0n;
  for (const [partition, end] of ends) {
    const next = reached.get(partition) ?? 0n;
    if (end > next) entries += end - next;
  }
  return Number(entries);
}

interface Answer {
  /** `landed`: what readers see, where that is not what was begun (the warehouse). */
  readonly partitions: readonly { partition: number; next: string; landed?: string }[];
}

/** Who asks, in the words of the caller header. */
const WAITING = {
  project: 'demo',
  scopes: ['read'],
  keyId: 'local',
  actor: 'local',
  operator: false,
};

async function progress(
  address: string,
  headers: Readonly<Record<string, string>>,
): Promise<Map<number, bigint>> {
  const response = await fetch(address, {
    headers,
    signal: AbortSignal.timeout(REQUEST_DEADLINE_MS),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${address} answered ${response.status}: ${text}`);
  const { partitions } = JSON.parse(text) as Answer;
  return new Map(partitions.map((p) => [p.partition, BigInt(p.landed ?? p.next)]));
}
