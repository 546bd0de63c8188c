import { Injectable } from '@nestjs/common';
import type { TierLimit } from '@tallyward/contracts';
import { CatalogService } from '../catalog/catalog.service';
import { type Decision, refused } from '../catalog/decision';
import {
  type Inside,
  type Origin,
  type Outcome,
  type Plan,
  ProjectStore,
} from '../storage/catalog/project-store';
import { cloneTier, createTier, editTier } from './decide-tiers';
import { type StoredTier, tierAnswer } from './stored-tier';

const NO_SUCH_VERSION = refused('not-found', 'This project has no such tier version.');

/** Changes of tiers: each decided under the project's lock. */
@Injectable()
export class TiersService {
  constructor(
    private readonly store: ProjectStore,
    private readonly catalog: CatalogService,
  ) {}

  async create(
    project: string,
    name: string,
    limits: readonly TierLimit[],
    origin: Origin,
  ): Promise<Outcome> {
    const now = Date.now();
    const outcome = await this.store.change(project, origin, now, (state) =>
      planned(createTier(state, name, limits, now), 201),
    );
    return this.catalog.told(project, origin, outcome);
  }

  clone(project: string, name: string, version: number, origin: Origin): Promise<Outcome> {
    return this.change(project, name, version, origin, (state, source, now) =>
      planned(cloneTier(state, source, now), 201),
    );
  }

  edit(
    project: string,
    name: string,
    version: number,
    limits: readonly TierLimit[],
    origin: Origin,
  ): Promise<Outcome> {
    return this.change(project, name, version, origin, (state, present) =>
      planned(editTier(state, present, limits), 200, present),
    );
  }

  private async change(
    project: string,
    name: string,
    version: number,
    origin: Origin,
    plan: (
      state: Parameters<Parameters<ProjectStore['change']>[3]>[0],
      present: StoredTier,
      now: number,
    ) => Plan,
  ): Promise<Outcome> {
    const now = Date.now();
    const outcome = await this.store.change(project, origin, now, async (state, inside: Inside) => {
      const present = await inside.tierVersion(name, version);
      return present ? plan(state, present, now) : NO_SUCH_VERSION;
    });
    return this.catalog.told(project, origin, outcome);
  }
}

/** Answers with the tier that the decision made; where it made none, with the one there is. */
function planned(decision: Decision, status: number, present?: StoredTier): Plan {
  if (decision.kind === 'refused') return decision;
  const made = decision.facts.flatMap((fact) => ('tier' in fact ? [fact.tier] : []));
  const tier = made[0] ?? present;
  if (!tier) throw new Error('A change of a tier has a tier to show');
  return { ...decision, reply: () => ({ status, body: tierAnswer(tier) }) };
}
