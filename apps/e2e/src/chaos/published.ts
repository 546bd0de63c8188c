import { auditFact, projectSnapshot, quarantinedEntry, TOPICS } from '@tallyward/contracts';
import type { AuditFact, ProjectSnapshot, QuarantinedEntry } from '@tallyward/contracts';
import type { LogEntry } from '@tallyward/platform';
import type { Fleet } from './fleet';

/** What entitlement has published, as readers of its topics find it. */
export interface Published {
  readonly facts: ReadonlyMap<string, AuditFact>;
  /** The last word about each project. */
  readonly snapshots: ReadonlyMap<string, ProjectSnapshot>;
}

export async function published(fleet: Fleet): Promise<Published> {
  const facts = new Map<string, AuditFact>();
  const snapshots = new Map<string, ProjectSnapshot>();
  await readAll(fleet, TOPICS.facts.name, ({ value }) => {
    const fact = auditFact.parse(JSON.parse(value?.toString() ?? ''));
    facts.set(fact.factId, fact);
  });
  await readAll(fleet, TOPICS.snapshots.name, ({ value }) => {
    const snapshot = projectSnapshot.parse(JSON.parse(value?.toString() ?? ''));
    snapshots.set(snapshot.project, snapshot);
  });
  return { facts, snapshots };
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
