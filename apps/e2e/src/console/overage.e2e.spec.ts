import { until, usageEvent } from '@tallyward/testing';
import type { LimitState } from '@tallyward/contracts';
import { NARROW, type Visitor } from './browser.builder';
import { Sight } from './sight.builder';

const MODEL = 'gpt-4o-mini';
const OTHER_MODEL = 'gpt-4o';
const CUSTOMER = 'globex';
const AMOUNT = 2;
const WITHIN_MS = 180_000;
const limit = { scope: 'customer', window: 'month' } as const;
const TIER = {
  name: 'Pay as you go',
  limits: [
    { ...limit, modelGroup: 'standard', unit: 'calls', amount: AMOUNT, onLimit: 'allow' },
    {
      ...limit,
      ...{ modelGroup: 'premium', unit: 'tokens', amount: 1_000, onLimit: 'block' },
      replenishment: { kind: 'drip', amount: 10, every: 'PT1H', cap: 1_000 },
    },
  ],
};

describe("a customer's usage and limits", () => {
  const sight = new Sight(async (stack) => {
    await stack.done(`/v1/models/${MODEL}`, { method: 'PUT', body: { group: 'standard' } });
    await stack.done(`/v1/models/${OTHER_MODEL}`, { method: 'PUT', body: { group: 'premium' } });
    await stack.done('/v1/tiers', { method: 'POST', body: TIER });
    const defaultTier = { name: TIER.name, version: 1 };
    await stack.done('/v1/settings', { method: 'PUT', body: { defaultTier } });
    for (let n = 0; n < AMOUNT; n += 1) await called();
    await until(async () => (await decide(false)).overage, { what: 'the limit to be passed' });
    await called();
    await stack.send([
      usageEvent({ customer: CUSTOMER, model: MODEL, inputTokens: 11, outputTokens: 2 }),
      usageEvent({ customer: CUSTOMER, model: OTHER_MODEL }),
    ]);
    await until(async () => (await standardCalls())?.overage === 2, { what: 'two calls over' });
    await stack.folded();
  });

  const decide = (hold: boolean) =>
    sight.stack.done<{ holdId: string; overage: boolean }>('/v1/decisions', {
      method: 'POST',
      body: { customer: CUSTOMER, model: MODEL, estimate: { inputTokens: 5 }, hold },
    });

  async function called(): Promise<void> {
    const { holdId } = await decide(true);
    const body = { model: MODEL, inputTokens: 5, outputTokens: 5 };
    await sight.stack.done(`/v1/holds/${holdId}/settle`, { method: 'POST', body });
  }

  async function standardCalls(): Promise<LimitState | undefined> {
    const at = `/v1/customers/${CUSTOMER}/entitlements`;
    const { limits } = await sight.stack.done<{ limits: LimitState[] }>(at);
    return limits.find(({ modelGroup }) => modelGroup === 'standard');
  }

  async function seen({ page, go }: Visitor): Promise<void> {
    await go(`/customers/${CUSTOMER}`);
    const card = page.getByRole('button', { name: /^standard calls/ });
    await card.getByText('over its 2').waitFor();
    await card.getByText('2 calls of overage in this window').waitFor();
    await card.getByText('Replenishment: starts anew each window').waitFor();
    const other = page.getByRole('button', { name: /^premium tokens/ });
    await other.getByText('Replenishment: +10 every 1 h, up to 1,000').waitFor();
    await page.getByText('Calls go on as overage.').waitFor();
    await page.getByRole('table', { name: 'Latest calls' }).scrollIntoViewIfNeeded();
  }

  it(
    'say what passed a limit, how it is replenished, and what was decided of each call',
    () =>
      sight.visit(async (visitor) => {
        const { page } = visitor;
        await seen(visitor);
        const rows = page.getByRole('table', { name: 'Latest calls' }).locator('tbody tr');
        const cells = (at: number): Promise<string[]> =>
          rows.locator(`td:nth-child(${at})`).allTextContents();
        expect((await cells(5)).sort()).toEqual([
          'Allowed',
          'Allowed',
          'Allowed, as overage',
          'Reported without a decision',
        ]);
        expect(new Set(await cells(2))).toEqual(new Set([MODEL]));
        await visitor.picture('customer-overage-light-wide');
        expect([await visitor.unfit(), await visitor.overflow()]).toEqual([[], 0]);
        await page.getByRole('link', { name: 'All of them, as events' }).click();
        await page.getByText('Only model group standard').waitFor();
        const events = page.getByRole('table', { name: 'Events' }).locator('tbody tr');
        await events.nth(3).waitFor();
        expect(await events.count()).toBe(4);
        await page.getByRole('button', { name: 'Show all' }).click();
        await events.nth(4).waitFor();
        expect(await events.count()).toBe(5);
        expect(visitor.faults).toEqual([]);
      }),
    WITHIN_MS,
  );

  it(
    'say it in a narrow window too, in dark colours',
    () =>
      sight.visit(
        async (visitor) => {
          await seen(visitor);
          await visitor.picture('customer-overage-dark-narrow');
          expect([await visitor.unfit(), await visitor.overflow()]).toEqual([[], 0]);
        },
        { size: NARROW, scheme: 'dark' },
      ),
    WITHIN_MS,
  );
});
