import {
  type AuditFact,
  auditFact,
  customerSnapshot,
  type ProjectSnapshot,
  projectSnapshot,
  type QuarantinedEntry,
  quarantinedEntry,
  tierSnapshot,
  TOPICS,
} from '@tallyward/contracts';
import type { LogEntry } from '@tallyward/platform';
import type { Fleet } from './fleet';

/** What entitlement has published, as readers of its topics find it. */
export interface Published {
  readonly facts: ReadonlyMap<string, AuditFact>;
  /** The last word about each project. */
  readonly snapshots: ReadonlyMap<string, ProjectSnapshot>;
  /** By key of a tier or customer: the version in the last word about it. */
  readonly versions: ReadonlyMap<string, number>;
}

export async function published(fleet: Fleet): Promise<Published> {
  const facts = new Map<string, AuditFact>();
  const snapshots = new Map<string, ProjectSnapshot>();
  await readAll(fleet, TOPICS.facts.name, ({ value }) => {
    const fact = auditFact.parse(JSON.parse(value?.toString() ?? ''));
    facts.set(fact.factId, fact);
  });
  const versions = new Map<string, number>();
  await readAll(fleet, TOPICS.snapshots.name, ({ key, value }) => {
    const said = JSON.parse(value?.toString() ?? '') as object;
    if (key?.startsWith('p:')) {
      const snapshot = projectSnapshot.parse(said);
      snapshots.set(snapshot.project, snapshot);
    } else versions.set(key ?? '', versionOf(said));
  });
  return { facts, snapshots, versions };
}

/** 0: it can't be read. */
function versionOf(said: object): number {
  const tier = tierSnapshot.safeParse(said).data;
  return tier?.revision ?? customerSnapshot.safeParse(said).data?.version ?? 0;
}

/** Entries of the usage log that were told to be set aside, as often as they were told. */
export async function publishedSetAside(fleet: Fleet): Promise<QuarantinedEntry[]> {
  const told: QuarantinedEntry[] = [];
  await readAll(fleet, TOPICS.quarantine.name, ({ value }) => {
    told.push(quarantinedEntry.parse(JSON.parse(value?.toString() ?? '')));
  });
  return told.filter(({ topic }) => topic === TOPICS.usageEvents.name);
}

async function readAll(
  fleet: Fleet,
  topic: string,
  onEntry: (entry: LogEntry) => void,
): Promise<void> {
  const { admin } = fleet.log;
  const begins = await admin.beginOffsets(topic);
  for (const [partition, to] of await admin.endOffsets(topic)) {
    const from = begins.get(partition) ?? 0n;
    if (from >= to) continue;
    const onEntries = (entries: LogEntry[]): void => entries.forEach(onEntry);
    await fleet.log.readRange({ topic, partition, from, to, onEntries });
  }
}
