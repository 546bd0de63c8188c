import { Inject, Injectable } from '@nestjs/common';
import { DEFAULT_SETTINGS, DEMO_PROJECT, MODEL_GROUPS, parseApiKey } from '@tallyward/contracts';
import { crashPoint, isUniqueViolation } from '@tallyward/platform';
import { ENVIRONMENT } from '../resources';
import { type Outcome, ProjectStore } from '../storage/catalog/project-store';
import type { EntitlementEnvironment } from '../environment';
import { defaultTier } from '../tiers/stored-tier';
import { CatalogService } from './catalog.service';
import type { Command } from './decision';
import { hashOfSecret } from './mint-key';

const ORIGIN = { actor: 'entitlement', reason: 'TALLYWARD_OPERATOR_KEY', request: null };

/** Sees to it, at every start, that project demo is there, and the operator key as it is set. */
@Injectable()
export class OperatorKey {
  constructor(
    private readonly store: ProjectStore,
    private readonly catalog: CatalogService,
    @Inject(ENVIRONMENT)
    private readonly environment: Pick<EntitlementEnvironment, 'TALLYWARD_OPERATOR_KEY'>,
  ) {}

  async ensure(): Promise<void> {
    const given = parseApiKey(this.environment.TALLYWARD_OPERATOR_KEY);
    if (!given) throw new Error('TALLYWARD_OPERATOR_KEY is no API key');
    await this.ensureDemo();
    crashPoint('catalog.after-demo');
    const minted = { keyId: given.keyId, hash: hashOfSecret(given.secret) };
    const command: Command = { kind: 'ensure-operator-key', minted };
    const outcome = await this.catalog.change(DEMO_PROJECT, ORIGIN, command).catch(taken);
    if (outcome.kind === 'refused') throw new Error(outcome.refusal.detail);
  }

  private async ensureDemo(): Promise<void> {
    if (await this.store.load(DEMO_PROJECT)) return;
    const created = {
      type: 'project.created',
      project: DEMO_PROJECT,
      name: DEMO_PROJECT,
      settings: DEFAULT_SETTINGS,
      groups: MODEL_GROUPS,
    } as const;
    const now = Date.now();
    const tier = { type: 'tier.created', tier: defaultTier(now) } as const;
    const reply = { status: 201 };
    await this.store.create([created, tier], ORIGIN, now, reply).catch((error: unknown) => {
      // Another instance was faster.
      if (!isUniqueViolation(error)) throw error;
    });
  }
}

function taken(error: unknown): Outcome {
  if (!isUniqueViolation(error)) throw error;
  const detail = 'TALLYWARD_OPERATOR_KEY has the id of a key that another project has.';
  return { kind: 'refused', refusal: { code: 'conflict', detail } };
}
