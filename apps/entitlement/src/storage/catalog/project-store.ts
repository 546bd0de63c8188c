import { Inject, Injectable } from '@nestjs/common';
import { crashPoint } from '@tallyward/platform';
import { DataSource, type EntityManager } from 'typeorm';
import type { Refused } from '../../catalog/decision';
import { begin, evolve } from '../../catalog/evolve';
import type { CatalogFact } from '../../catalog/facts';
import type { ProjectState } from '../../catalog/project-state';
import { INTERNAL_SECRET } from '../../resources';
import type { StoredTier } from '../../tiers/stored-tier';
import { ANSWER_DEADLINE_MS, boundedTransaction, within } from '../bounded';
import {
  type Answer,
  claimRequest,
  forgetRequest,
  rememberAnswer,
  type RequestIdentity,
} from '../idempotency/idempotency';
import { loadTierVersion } from '../tiers/tier-reader';
import { loadProject, lockProject } from './load-project';
import { type Author, isTooLarge, queueSnapshot, recordChange } from './record-change';
import { insertProject, saveFact, updateProject } from './save-facts';
import { claimRefusal, RefusedInside, TOO_LARGE, UNKNOWN_PROJECT } from './store-refusals';
import { Turns } from './turns';

/** Where a change comes from; `request` where its answer is to be remembered. */
export interface Origin extends Author {
  readonly request: RequestIdentity | null;
}

export type Reply = Pick<Answer, 'status' | 'body'>;

/** What to do about a project, and what to answer once it is done. No facts: nothing changes. */
export type Plan =
  | {
      readonly kind: 'decided';
      readonly facts: readonly CatalogFact[];
      reply(after: ProjectState): Reply;
    }
  | Refused;

/** What a plan may read that is not in the state, as it stands in the change's transaction. */
export interface Inside {
  tierVersion(name: string, version: number): Promise<StoredTier | null>;
}

export type Outcome =
  | {
      readonly kind: 'answered';
      readonly answer: Answer;
      readonly replayed: boolean;
      readonly facts: readonly { readonly type: string }[];
    }
  | Refused;

type Created = Extract<CatalogFact, { type: 'project.created' }>;

/**
 * The one writer of projects, keys, models, groups, settings and tiers. A change is one
 * transaction: state, one version more, audit facts, and what is to be published; the changes of a
 * project take turns at its row's lock. A refused change leaves nothing behind.
 */
@Injectable()
export class ProjectStore {
  private readonly turns = new Turns();

  constructor(
    private readonly dataSource: DataSource,
    @Inject(INTERNAL_SECRET) private readonly secret: string,
  ) {}

  change(
    project: string,
    origin: Origin,
    now: number,
    plan: (state: ProjectState, inside: Inside) => Plan | Promise<Plan>,
  ): Promise<Outcome> {
    return this.locked(project, origin, async (manager, state) => {
      const wanted = await plan(state, {
        tierVersion: (name, version) => loadTierVersion(manager, project, name, version),
      });
      if (wanted.kind === 'refused') return wanted;
      const { facts } = wanted;
      if (facts.length === 0) return answered(wanted.reply(state), state, facts);
      const after = evolve(state, facts);
      if (isTooLarge(after)) return TOO_LARGE;
      for (const fact of facts) {
        await saveFact(manager, project, fact);
        crashPoint('catalog.after-fact');
      }
      await updateProject(manager, after);
      crashPoint('catalog.after-version');
      await recordChange(manager, after, facts, origin, now);
      return answered(wanted.reply(after), after, facts);
    });
  }

  /** Another store's change of what belongs to a project, under the project's lock. */
  locked(
    project: string,
    origin: Origin,
    work: (manager: EntityManager, state: ProjectState) => Promise<Outcome>,
  ): Promise<Outcome> {
    return this.take(project, origin, async (manager) => {
      const state = await lockProject(manager, project);
      return state ? work(manager, state) : UNKNOWN_PROJECT;
    });
  }

  create(
    facts: readonly [Created, ...CatalogFact[]],
    origin: Origin,
    now: number,
    reply: Reply,
  ): Promise<Outcome> {
    const [created, ...further] = facts;
    const state = begin(created, further);
    return this.take(origin.request?.project ?? created.project, origin, async (manager) => {
      await insertProject(manager, state, now);
      crashPoint('catalog.after-new-project');
      for (const fact of further) {
        await saveFact(manager, state.project, fact);
        crashPoint('catalog.after-further-fact');
      }
      await recordChange(manager, state, facts, origin, now);
      return answered(reply, state, facts);
    });
  }

  /** Queues a project's snapshot again, as it is; false where there is no such project. */
  republish(project: string, now: number): Promise<boolean> {
    const done = boundedTransaction(this.dataSource, async (manager) => {
      const state = await lockProject(manager, project);
      if (state) await queueSnapshot(manager, state, now);
      crashPoint('catalog.after-republish');
      return state !== null;
    });
    return within(ANSWER_DEADLINE_MS, done);
  }

  /** All of a project as it stands. */
  load(project: string): Promise<ProjectState | null> {
    return within(ANSWER_DEADLINE_MS, loadProject(this.dataSource.manager, project));
  }

  private take(
    project: string,
    { request }: Origin,
    work: (manager: EntityManager) => Promise<Outcome>,
  ): Promise<Outcome> {
    return this.turns.take(project, ANSWER_DEADLINE_MS, () =>
      refusable(this.dataSource, async (manager) => {
        if (!request) return work(manager);
        crashPoint('catalog.before-claim');
        const claim = await claimRequest(manager, request, this.secret);
        crashPoint('catalog.after-claim');
        if (claim.kind === 'replay') {
          return { kind: 'answered', answer: claim.answer, replayed: true, facts: [] };
        }
        if (claim.kind !== 'first') return claimRefusal(claim.kind);
        const outcome = await work(manager);
        if (outcome.kind === 'refused') await forgetRequest(manager, request);
        else await rememberAnswer(manager, request, outcome.answer, this.secret);
        crashPoint('catalog.before-commit');
        return outcome;
      }),
    );
  }
}

/** What is refused in the middle has changed nothing. */
async function refusable(
  dataSource: DataSource,
  work: (manager: EntityManager) => Promise<Outcome>,
): Promise<Outcome> {
  try {
    return await boundedTransaction(dataSource, work);
  } catch (error) {
    if (error instanceof RefusedInside) return error.refused;
    throw error;
  }
}

export function answered(
  reply: Reply,
  { project, version }: ProjectState,
  facts: readonly { readonly type: string }[],
): Outcome {
  const answer = { ...reply, version: `${project}@${version}` };
  return { kind: 'answered', answer, replayed: false, facts };
}
