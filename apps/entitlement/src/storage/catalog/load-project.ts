import type { EntityManager } from 'typeorm';
import { safeInteger } from '../safe-integer';
import type { ApiKey, ProjectState } from '../../catalog/project-state';

type Head = Pick<ProjectState, 'project' | 'name' | 'settings'> & { version: string };
interface KeyRow {
  key_id: string;
  name: string;
  scopes: ApiKey['scopes'];
  hash: string;
  operator: boolean;
  created_at: Date;
  expires_at: Date | null;
}

/**
 * Locks a project for a change, until the transaction ends, and reads all of it; null where there
 * is none. Two statements on purpose: one that waited for the lock would go on to read the other
 * tables as they were before it waited.
 */
export async function lockProject(
  manager: EntityManager,
  project: string,
): Promise<ProjectState | null> {
  const locked = (await manager.query('SELECT 1 FROM project WHERE project = $1 FOR UPDATE', [
    project,
  ])) as unknown[];
  return locked.length === 0 ? null : loadProject(manager, project);
}

/** Reads all of a project; several statements, so the caller sees to a lock or a snapshot. */
export async function loadProject(
  manager: EntityManager,
  project: string,
): Promise<ProjectState | null> {
  const [head] = (await manager.query(
    'SELECT project, name, version, settings FROM project WHERE project = $1',
    [project],
  )) as Head[];
  if (!head) return null;
  const keys = (await manager.query(
    `SELECT key_id, name, scopes, hash, operator, created_at, expires_at
     FROM api_key WHERE project = $1`,
    [project],
  )) as KeyRow[];
  const groups = (await manager.query(
    'SELECT model_group, default_model FROM model_group WHERE project = $1',
    [project],
  )) as { model_group: string; default_model: string | null }[];
  const models = (await manager.query('SELECT model, model_group FROM model WHERE project = $1', [
    project,
  ])) as { model: string; model_group: string }[];
  return {
    project: head.project,
    name: head.name,
    version: safeInteger(head.version),
    settings: head.settings,
    keys: new Map(keys.map((row) => [row.key_id, keyOf(row)])),
    models: new Map(models.map((row) => [row.model, row.model_group])),
    groups: new Map(groups.map((row) => [row.model_group, row.default_model])),
  };
}

function keyOf(row: KeyRow): ApiKey {
  return {
    keyId: row.key_id,
    name: row.name,
    scopes: row.scopes,
    hash: row.hash,
    operator: row.operator,
    createdAt: row.created_at.getTime(),
    expiresAt: row.expires_at?.getTime() ?? null,
  };
}
