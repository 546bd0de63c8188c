import { Injectable } from '@nestjs/common';
import { defaultModelOf } from '@tallyward/domain';
import type { key, model, modelGroup, page, project, Settings } from '@tallyward/contracts';
import { DataSource, type EntityManager, In } from 'typeorm';
import { z } from 'zod';
import { boundedRead } from '../bounded';
import { cursorInstant, cursorText, decodeCursor, pageOf } from '../cursor';
import { ApiKeyRow, ModelGroupRow, ModelRow, ProjectRow } from './catalog.entities';

type Project = z.infer<typeof project>;
type Key = z.infer<typeof key>;
type PageOf<T> = Omit<z.infer<ReturnType<typeof page>>, 'data'> & { data: T[] };
interface PageWanted {
  readonly limit: number;
  readonly cursor?: string | undefined;
}

/** In a list by name. */
const namePlace = z.tuple([cursorText]);
const keyPlace = z.tuple([cursorInstant, cursorText]);

/** What management reads show, each of one project alone; null: no such thing, or no such page. */
@Injectable()
export class CatalogReader {
  constructor(private readonly dataSource: DataSource) {}

  async projects({ limit, cursor }: PageWanted): Promise<PageOf<Project> | null> {
    const after = cursor === undefined ? [''] : decodeCursor(namePlace, cursor);
    if (after === null) return null;
    const rows = await boundedRead(this.dataSource, (manager) =>
      manager
        .createQueryBuilder(ProjectRow, 'p')
        .where('p.project > :after', { after: after[0] })
        .orderBy('p.project')
        .limit(limit + 1)
        .getMany(),
    );
    const itemOf = (row: ProjectRow): Project => ({
      project: row.project,
      name: row.name,
      createdAt: row.createdAt.toISOString(),
    });
    return pageOf(rows, limit, itemOf, (row) => [row.project]);
  }

  /** Keys in the order they were made; what has expired is gone. */
  async keys(project: string, { limit, cursor }: PageWanted): Promise<PageOf<Key> | null> {
    const after = cursor === undefined ? [0, ''] : decodeCursor(keyPlace, cursor);
    if (after === null) return null;
    const [at, keyId] = after;
    return boundedRead(this.dataSource, async (manager) => {
      const rows = await manager
        .createQueryBuilder(ApiKeyRow, 'k')
        .where('k.project = :project', { project })
        .andWhere('(k.expiresAt IS NULL OR k.expiresAt > clock_timestamp())')
        .andWhere('(k.createdAt, k.keyId) > (to_timestamp(:at / 1000.0), :keyId)', { at, keyId })
        .orderBy('k.createdAt')
        .addOrderBy('k.keyId')
        .limit(limit + 1)
        .getMany();
      const used = await usesOf(manager, rows);
      const itemOf = (row: ApiKeyRow): Key => keyOf(row, used.get(row.keyId));
      return pageOf(rows, limit, itemOf, (row) => [row.createdAt.getTime(), row.keyId]);
    });
  }

  async model(project: string, name: string): Promise<z.infer<typeof model> | null> {
    const row = await boundedRead(this.dataSource, (manager) =>
      manager.findOneBy(ModelRow, { project, model: name }),
    );
    return row && { model: row.model, group: row.group };
  }

  modelGroup(project: string, group: string): Promise<z.infer<typeof modelGroup> | null> {
    return boundedRead(this.dataSource, async (manager) => {
      const row = await manager.findOneBy(ModelGroupRow, { project, group });
      if (!row) return null;
      const rows = await manager.find(ModelRow, { where: { project, group } });
      return groupAnswer(
        group,
        row.defaultModel,
        rows.map((each) => each.model),
      );
    });
  }

  /** By name, each with its models. */
  async modelGroups(
    project: string,
    { limit, cursor }: PageWanted,
  ): Promise<PageOf<z.infer<typeof modelGroup>> | null> {
    const after = cursor === undefined ? [''] : decodeCursor(namePlace, cursor);
    if (after === null) return null;
    return boundedRead(this.dataSource, async (manager) => {
      const rows = await manager
        .createQueryBuilder(ModelGroupRow, 'g')
        .where('g.project = :project AND g.group > :after', { project, after: after[0] })
        .orderBy('g.group')
        .limit(limit + 1)
        .getMany();
      const group = In(rows.map((row) => row.group));
      const models = await manager.find(ModelRow, { where: { project, group } });
      const itemOf = (row: ModelGroupRow): z.infer<typeof modelGroup> => {
        const own = models.filter((each) => each.group === row.group);
        return groupAnswer(
          row.group,
          row.defaultModel,
          own.map((each) => each.model),
        );
      };
      return pageOf(rows, limit, itemOf, (row) => [row.group]);
    });
  }

  async settings(project: string): Promise<Settings | null> {
    const row = await boundedRead(this.dataSource, (manager) =>
      manager.findOneBy(ProjectRow, { project }),
    );
    return row?.settings ?? null;
  }
}

async function usesOf(
  manager: EntityManager,
  rows: readonly ApiKeyRow[],
): Promise<Map<string, Date>> {
  const found = await manager.query<{ key_id: string; used_at: Date }[]>(
    'SELECT key_id, used_at FROM key_use WHERE key_id = ANY ($1)',
    [rows.map(({ keyId }) => keyId)],
  );
  return new Map(found.map((row) => [row.key_id, row.used_at]));
}

function keyOf(row: ApiKeyRow, usedAt: Date | undefined): Key {
  const { keyId: id, name, scopes, createdAt, expiresAt } = row;
  const until = expiresAt?.toISOString() ?? null;
  const lastUsedAt = usedAt?.toISOString() ?? null;
  return { id, name, scopes, createdAt: createdAt.toISOString(), expiresAt: until, lastUsedAt };
}

/** A group as it is answered: what a reroute calls, and whether somebody chose that. */
export function groupAnswer(
  group: string,
  chosen: string | null,
  models: readonly string[],
): z.infer<typeof modelGroup> {
  return {
    group,
    defaultModel: defaultModelOf(chosen, models),
    defaultModelChosen: chosen !== null,
    models: [...models].sort(),
  };
}
