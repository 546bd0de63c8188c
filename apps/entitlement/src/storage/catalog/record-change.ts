import { type AuditFact, TOPICS } from '@tallyward/contracts';
import { partitionKey } from '@tallyward/domain';
import { crashPoint } from '@tallyward/platform';
import { snapshotKey, tierKey } from './snapshot-keys';
import type { EntityManager } from 'typeorm';
import { uuidv7 } from 'uuidv7';
import { type CatalogFact, storyOf, type ToldFact } from '../../catalog/facts';
import { type ProjectState, snapshotOf } from '../../catalog/project-state';
import { type OutboxEntry, queueEntries } from '../outbox/queue-entries';
import { type StoredTier, tierSnapshotOf } from '../../tiers/stored-tier';
import { AuditFactRow } from './catalog.entities';
import { RefusedInside, TOO_LONG_A_STORY } from './store-refusals';

/** Largest snapshot or fact that is published; the topic takes 2 MiB, framing included. */
export const SNAPSHOT_BYTES = 1_900_000;
/** Facts written by one statement. */
const TRAIL_ROWS = 1_000;
const SOURCE = 'tallyward/entitlement';

/** Who changed a project, and why. */
export interface Author {
  readonly actor: string;
  readonly reason: string | null;
}

export function isTooLarge(state: ProjectState): boolean {
  return Buffer.byteLength(JSON.stringify(snapshotOf(state))) > SNAPSHOT_BYTES;
}

/**
 * Writes the audit trail of a change, and queues its facts, the tiers it made or edited, and last
 * the project as it is now: a gateway that has that has all of the change.
 */
export async function recordChange(
  manager: EntityManager,
  after: ProjectState,
  facts: readonly CatalogFact[],
  author: Author,
  now: number,
): Promise<void> {
  const told = facts.map((fact) => ({ type: fact.type, ...storyOf(fact) }));
  const tiers = facts.flatMap((fact) =>
    'tier' in fact ? [tierEntry(after.project, fact.tier, now)] : [],
  );
  await recordTold(manager, after, told, [...tiers, snapshotEntry(after, now)], author, now);
}

/**
 * Writes what is told to the audit trail, and queues it and then the snapshots. An entry that the
 * log would not take is refused here: queued, it could never be published.
 */
export async function recordTold(
  manager: EntityManager,
  of: Pick<ProjectState, 'project' | 'version'>,
  facts: readonly ToldFact[],
  snapshots: readonly OutboxEntry[],
  author: Author,
  now: number,
): Promise<void> {
  const trail = facts.map((fact) => ({ fact, entry: auditFactOf(of, fact, author, now) }));
  const entries = [...trail.map(factEntry), ...snapshots];
  if (entries.some(({ value }) => Buffer.byteLength(value) > SNAPSHOT_BYTES)) {
    throw new RefusedInside(TOO_LONG_A_STORY);
  }
  for (let at = 0; at < trail.length; at += TRAIL_ROWS) {
    await manager.insert(AuditFactRow, trail.slice(at, at + TRAIL_ROWS).map(rowOf));
    crashPoint('catalog.after-audit');
  }
  await queueEntries(manager, entries);
  crashPoint('catalog.after-queue');
}

/** Queues the project as it is now, where nothing of it changed. */
export async function queueSnapshot(
  manager: EntityManager,
  state: ProjectState,
  now: number,
): Promise<void> {
  await queueEntries(manager, [snapshotEntry(state, now)]);
}

function auditFactOf(
  { project, version }: Pick<ProjectState, 'project' | 'version'>,
  fact: ToldFact,
  { actor, reason }: Author,
  now: number,
): AuditFact {
  const at = new Date(now).toISOString();
  const { subject, before, after } = fact;
  const factId = uuidv7();
  return { factId, type: fact.type, project, version, at, actor, subject, before, after, reason };
}

interface Recorded {
  readonly fact: ToldFact;
  readonly entry: AuditFact;
}

function rowOf({ fact, entry }: Recorded) {
  const [before, after] = [entry.before, entry.after] as (object | null)[];
  const { customer = null, tiers = [] } = fact;
  return {
    ...entry,
    at: new Date(entry.at),
    before: before ?? null,
    after: after ?? null,
    customer,
    tiers: [...tiers],
  };
}

function factEntry({ fact, entry }: Recorded): OutboxEntry {
  const { factId, type, project, subject, at } = entry;
  const of = fact.customer ?? fact.tiers?.[0];
  return {
    topic: TOPICS.facts.name,
    key: of === undefined ? project : partitionKey(project, of),
    value: JSON.stringify(entry),
    headers: cloudHeaders(factId, `${type}.v1`, subject, at),
  };
}

export function snapshotEntry(state: ProjectState, now: number): OutboxEntry {
  const { project, version } = state;
  return {
    topic: TOPICS.snapshots.name,
    key: snapshotKey(project),
    value: JSON.stringify(snapshotOf(state)),
    headers: snapshotHeaders('project', project, version, now),
  };
}

export function tierEntry(project: string, tier: StoredTier, now: number): OutboxEntry {
  const key = tierKey(project, tier);
  return {
    topic: TOPICS.snapshots.name,
    key,
    value: JSON.stringify(tierSnapshotOf(project, tier)),
    headers: snapshotHeaders('tier', key, tier.revision, now),
  };
}

/** Of any kind of snapshot: whose, and which version of it. */
export function snapshotHeaders(
  kind: 'project' | 'tier' | 'customer',
  subject: string,
  version: number,
  now: number,
): Record<string, string> {
  const id = `${encodeURIComponent(subject)}@${version}`;
  return cloudHeaders(id, `${kind}.snapshot.v1`, subject, new Date(now).toISOString());
}

/** Header values are ASCII: a name of any script is percent-encoded, as CloudEvents asks. */
function cloudHeaders(id: string, type: string, subject: string, time: string) {
  return {
    ce_specversion: '1.0',
    ce_id: id,
    ce_type: type,
    ce_source: SOURCE,
    ce_subject: encodeURIComponent(subject),
    ce_time: time,
    'content-type': 'application/json',
  };
}
