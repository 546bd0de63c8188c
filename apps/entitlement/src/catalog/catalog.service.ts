import { Injectable } from '@nestjs/common';
import {
  DEFAULT_SETTINGS,
  MODEL_GROUPS,
  type Scope,
  type Settings,
  type newKey,
} from '@tallyward/contracts';
import { crashPoint } from '@tallyward/platform';
import type { z } from 'zod';
import { EntitlementEvents } from '../events';
import { groupAnswer } from '../storage/catalog/catalog-reader';
import {
  type Origin,
  type Outcome,
  type Plan,
  ProjectStore,
} from '../storage/catalog/project-store';
import { decide } from './decide';
import type { Command } from './decision';
import type { CatalogFact } from './facts';
import { mintKey, mintProjectId } from './mint-key';
import { defaultTier } from '../tiers/stored-tier';
import { type ApiKey, modelsOf, type ProjectState } from './project-state';

type ReplyOf = Extract<Plan, { kind: 'decided' }>['reply'];

/** The management changes: each one command, decided under the project's lock. */
@Injectable()
export class CatalogService {
  constructor(
    private readonly store: ProjectStore,
    private readonly events: EntitlementEvents,
  ) {}

  async createProject(name: string, origin: Origin): Promise<Outcome> {
    const now = Date.now();
    const project = mintProjectId(name);
    const { minted, text } = mintKey();
    const key: ApiKey = {
      ...minted,
      name: 'admin',
      scopes: ['admin'],
      operator: false,
      createdAt: now,
      expiresAt: null,
    };
    const settings = DEFAULT_SETTINGS;
    const facts = [
      { type: 'project.created', project, name, settings, groups: MODEL_GROUPS },
      { type: 'tier.created', tier: defaultTier(now) },
      { type: 'key.created', key },
    ] as const satisfies CatalogFact[];
    const reply = { status: 201, body: { project, name, key: text } };
    return this.told(project, origin, await this.store.create(facts, origin, now, reply));
  }

  createKey(
    project: string,
    { name, scopes }: z.infer<typeof newKey>,
    origin: Origin,
  ): Promise<Outcome> {
    const { minted, text } = mintKey();
    const command: Command = { kind: 'create-key', minted, name, scopes };
    return this.change(project, origin, command, keyReply(minted.keyId, text));
  }

  rotateKey(project: string, keyId: string, origin: Origin): Promise<Outcome> {
    const { minted, text } = mintKey();
    const command: Command = { kind: 'rotate-key', keyId, minted };
    return this.change(project, origin, command, keyReply(minted.keyId, text));
  }

  revokeKey(project: string, keyId: string, origin: Origin): Promise<Outcome> {
    return this.change(project, origin, { kind: 'revoke-key', keyId }, () => ({ status: 204 }));
  }

  putModel(project: string, model: string, group: string, origin: Origin): Promise<Outcome> {
    const command: Command = { kind: 'put-model', model, group };
    return this.change(project, origin, command, () => ({ status: 200, body: { model, group } }));
  }

  putModelGroup(
    project: string,
    group: string,
    defaultModel: string | null,
    origin: Origin,
  ): Promise<Outcome> {
    const command: Command = { kind: 'put-model-group', group, defaultModel };
    return this.change(project, origin, command, (after) => ({
      status: 200,
      body: groupAnswer(group, defaultModel, modelsOf(after, group)),
    }));
  }

  putSettings(project: string, change: Partial<Settings>, origin: Origin): Promise<Outcome> {
    return this.change(project, origin, { kind: 'put-settings', change }, (after) => ({
      status: 200,
      body: after.settings,
    }));
  }

  /** Any command; those of the service itself (upkeep, start) come straight here. */
  async change(
    project: string,
    origin: Origin,
    command: Command,
    reply: ReplyOf = () => ({ status: 204 }),
  ): Promise<Outcome> {
    const now = Date.now();
    const outcome = await this.store.change(project, origin, now, (state): Plan => {
      const decision = decide(state, command, now);
      return decision.kind === 'refused' ? decision : { ...decision, reply };
    });
    return this.told(project, origin, outcome);
  }

  /** Tells what became of a change. */
  told(project: string, { actor }: Origin, outcome: Outcome): Outcome {
    if (outcome.kind === 'refused') this.events.changeRefused(outcome.refusal.code);
    else if (outcome.replayed) this.events.changeReplayed();
    else if (outcome.facts.length > 0) {
      crashPoint('catalog.after-commit');
      const { facts, answer } = outcome;
      this.events.projectChanged({ project, actor, facts, version: answer.version });
    }
    return outcome;
  }
}

function keyReply(keyId: string, text: string): ReplyOf {
  return (after: ProjectState) => {
    const key = after.keys.get(keyId);
    if (!key) throw new Error('A key that was made is not there');
    const createdAt = new Date(key.createdAt).toISOString();
    const scopes: Scope[] = [...key.scopes];
    const times = { createdAt, expiresAt: null, lastUsedAt: null };
    const body = { id: keyId, name: key.name, scopes, ...times, key: text };
    return { status: 201, body };
  };
}
