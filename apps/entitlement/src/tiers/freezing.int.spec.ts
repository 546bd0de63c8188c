import type { TierLimit } from '@tallyward/contracts';
import { testbed, type Testbed } from '@tallyward/testing';
import type { DataSource } from 'typeorm';
import {
  adminOf,
  type Answered,
  entitlementOn,
  type EntitlementUnderTest,
} from '../entitlement.builder';
import { seeCustomers } from '../storage/customers/see-customers';
import { openStorage } from '../storage/data-source';
import { editTierVersion } from '../storage/tiers/save-tiers';
import { loadTierVersion } from '../storage/tiers/tier-reader';
import { waiting } from '../storage/waiting.builder';

const TRIES = 16;
const AUTHOR = { actor: 'spec', reason: 'first event' };

let bed: Testbed;
let service: EntitlementUnderTest;
let dataSource: DataSource;

beforeAll(async () => {
  bed = await testbed();
  service = await entitlementOn(bed);
  dataSource = await openStorage(bed.postgres.entitlement, 'freezing-spec', () => undefined);
});

afterAll(async () => {
  await dataSource?.destroy();
  await service?.close();
  await bed?.close();
});

const limitsOf = (amount: number): TierLimit[] => [
  {
    scope: 'customer',
    modelGroup: 'premium',
    unit: 'calls',
    window: 'month',
    amount,
    onLimit: 'block',
    restrictTo: null,
    replenishment: { kind: 'reset' },
    message: null,
  },
];

/** A project whose newcomers get version 1 of `Gold`, a draft of 1 call. */
async function withDraft() {
  const { project } = await service.newProject();
  const asked = (line: string, body?: unknown): Promise<Answered> =>
    service.ask(line, { as: adminOf(project), body });
  await asked('POST /v1/tiers', { name: 'Gold', limits: limitsOf(1) });
  await asked('PUT /v1/settings', { defaultTier: { name: 'Gold', version: 1 } });
  return {
    project,
    ask: asked,
    edit: () => asked('PUT /v1/tiers/Gold/versions/1', { limits: limitsOf(2) }),
    assign: (customer: string) =>
      asked(`PUT /v1/customers/${customer}/tier`, { name: 'Gold', version: 1 }),
    /** As the fold meets a customer: without the project's lock. */
    meet: (customer: string) =>
      dataSource.transaction((manager) =>
        seeCustomers(manager, [{ project, customer, firstSeen: 0 }], AUTHOR, Date.now()),
      ),
    stored: async () => {
      const tier = await loadTierVersion(dataSource.manager, project, 'Gold', 1);
      return { isFrozen: tier?.frozenAt !== null, amount: tier?.limits[0]?.amount };
    },
  };
}

const outcomeOf = ({ status, body }: Answered): string =>
  status === 200 ? 'edited' : String(body.code);

describe('an edit and a first assignment at once', () => {
  it('the assignment first: the edit waits, and finds the version in use', async () => {
    const { project, edit, stored } = await withDraft();
    let edited: Promise<Answered> | undefined;
    await dataSource.transaction(async (manager) => {
      const seen = [{ project, customer: 'acme', firstSeen: 0 }];
      await seeCustomers(manager, seen, AUTHOR, Date.now());
      edited = edit();
      await waiting(dataSource, 'tier_version');
    });
    expect(outcomeOf((await edited) as Answered)).toBe('tier-version-in-use');
    expect(await stored()).toEqual({ isFrozen: true, amount: 1 });
  });

  it('the edit first: the assignment waits, and freezes what was edited', async () => {
    const { project, edit, meet, stored } = await withDraft();
    let met: Promise<void> | undefined;
    await dataSource.transaction(async (manager) => {
      const draft = await loadTierVersion(manager, project, 'Gold', 1);
      if (!draft) throw new Error('the draft is gone');
      const edited = { ...draft, revision: draft.revision + 1, limits: limitsOf(2) };
      await editTierVersion(manager, project, edited);
      met = meet('acme');
      await waiting(dataSource, 'tier_version');
    });
    await met;
    expect(await stored()).toEqual({ isFrozen: true, amount: 2 });
    expect(outcomeOf(await edit())).toBe('tier-version-in-use');
  });

  it.each([
    ['by an event', 'meet'],
    ['by a request', 'assign'],
  ] as const)('assigned %s: what the first customer got is what stands', async (_, how) => {
    const outcomes = new Set<string>();
    for (let tried = 0; tried < TRIES; tried += 1) {
      const { edit, stored, ...by } = await withDraft();
      const first = async () => {
        await by[how]('acme');
        return stored();
      };
      const [edited, got] =
        tried % 2 === 0
          ? await Promise.all([edit(), first()])
          : await Promise.all([first(), edit()]).then(([f, e]) => [e, f] as const);
      const outcome = outcomeOf(edited);
      outcomes.add(outcome);
      expect(got).toEqual({ isFrozen: true, amount: outcome === 'edited' ? 2 : 1 });
      expect(await stored()).toEqual(got);
      expect(outcomeOf(await edit())).toBe('tier-version-in-use');
      expect(await stored()).toEqual(got);
    }
    expect([...outcomes].filter((o) => o !== 'edited' && o !== 'tier-version-in-use')).toEqual([]);
  });

  it('freezes once, and says so once', async () => {
    const { ask: asked, meet } = await withDraft();
    await Promise.all(Array.from({ length: 8 }, (_, n) => meet(`c${n}`)));
    const { body } = await asked('GET /v1/audit?tier=Gold&limit=200');
    const types = (body.data as { type: string }[]).map(({ type }) => type);
    expect(types.filter((type) => type === 'tier.frozen')).toHaveLength(1);
    expect(types.filter((type) => type === 'customer.created')).toHaveLength(8);
  });
});
