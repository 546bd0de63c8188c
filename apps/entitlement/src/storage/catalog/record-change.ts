import { type AuditFact, TOPICS } from '@tallyward/contracts';
import { crashPoint } from '@tallyward/platform';
import type { EntityManager } from 'typeorm';
import { uuidv7 } from 'uuidv7';
import { type CatalogFact, storyOf } from '../../catalog/facts';
import { type ProjectState, snapshotOf } from '../../catalog/project-state';
import { type OutboxEntry, queueEntries } from '../outbox/queue-entries';
import { AuditFactRow } from './catalog.entities';

/** Largest snapshot that is published; the topic takes 2 MiB, framing included. */
export const SNAPSHOT_BYTES = 1_900_000;
const SOURCE = 'tallyward/entitlement';

/** Who changed a project, and why. */
export interface Author {
  readonly actor: string;
  readonly reason: string | null;
}

export function isTooLarge(state: ProjectState): boolean {
  return Buffer.byteLength(JSON.stringify(snapshotOf(state))) > SNAPSHOT_BYTES;
}

/** Writes the audit trail of a change, and queues its facts and then the project as it is now. */
export async function recordChange(
  manager: EntityManager,
  after: ProjectState,
  facts: readonly CatalogFact[],
  author: Author,
  now: number,
): Promise<void> {
  const trail = facts.map((fact) => auditFactOf(after, fact, author, now));
  await manager.insert(AuditFactRow, trail.map(rowOf));
  crashPoint('catalog.after-audit');
  await queueEntries(manager, [...trail.map(factEntry), snapshotEntry(after, now)]);
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
  { project, version }: ProjectState,
  fact: CatalogFact,
  { actor, reason }: Author,
  now: number,
): AuditFact {
  const at = new Date(now).toISOString();
  const { subject, before, after } = storyOf(fact);
  const factId = uuidv7();
  return { factId, type: fact.type, project, version, at, actor, subject, before, after, reason };
}

function rowOf(fact: AuditFact) {
  const [before, after] = [fact.before, fact.after] as (object | null)[];
  return { ...fact, at: new Date(fact.at), before: before ?? null, after: after ?? null };
}

function factEntry(fact: AuditFact): OutboxEntry {
  return {
    topic: TOPICS.facts.name,
    key: fact.project,
    value: JSON.stringify(fact),
    headers: cloudHeaders(fact.factId, `${fact.type}.v1`, fact.subject, fact.at),
  };
}

export function snapshotKey(project: string): string {
  return `p:${project}`;
}

function snapshotEntry(state: ProjectState, now: number): OutboxEntry {
  const { project, version } = state;
  const at = new Date(now).toISOString();
  return {
    topic: TOPICS.snapshots.name,
    key: snapshotKey(project),
    value: JSON.stringify(snapshotOf(state)),
    headers: cloudHeaders(`${project}@${version}`, 'project.snapshot.v1', project, at),
  };
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
