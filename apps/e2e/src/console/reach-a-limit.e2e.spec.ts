import { until } from '@tallyward/testing';
import type { Visitor } from './browser.builder';
import { Sight } from './sight.builder';

const MODEL = 'gpt-4o-mini';
const CUSTOMER = 'globex';
const AMOUNT = 3;
const WITHIN_MS = 180_000;

interface Decided {
  readonly outcome: string;
  readonly holdId: string | null;
}

describe('a limit, from the screen to the call and back', () => {
  const sight = new Sight(async (stack) => {
    await stack.done(`/v1/models/${MODEL}`, { method: 'PUT', body: { group: 'standard' } });
  });

  const decide = (): Promise<Decided> =>
    sight.stack.done<Decided>('/v1/decisions', {
      method: 'POST',
      body: { customer: CUSTOMER, model: MODEL, estimate: { inputTokens: 5, maxOutputTokens: 5 } },
    });

  /** A real call: admitted, and settled with what it used. */
  async function call(): Promise<string> {
    const { outcome, holdId } = await decide();
    if (holdId === null) return outcome;
    const body = { model: MODEL, inputTokens: 5, outputTokens: 5 };
    await sight.stack.done(`/v1/holds/${holdId}/settle`, { method: 'POST', body });
    return outcome;
  }

  async function makeTier({ page, go }: Visitor): Promise<void> {
    await go('/tiers/new');
    await page.getByLabel('Name').fill('Trial');
    await page.getByRole('button', { name: 'Add a limit' }).click();
    await page.getByLabel('Amount').fill(String(AMOUNT));
    await page.getByRole('button', { name: 'Make the tier' }).click();
    await page.getByRole('heading', { name: 'Trial, version 1', level: 1 }).waitFor();
    await page.getByRole('button', { name: 'Make it the default' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Make it the default' }).click();
    await page.getByText('New customers start here').waitFor();
  }

  async function raise({ page }: Visitor): Promise<void> {
    await page.getByRole('button', { name: 'Clone' }).click();
    await page.getByRole('heading', { name: 'Trial, version 2', level: 1 }).waitFor();
    await page.getByLabel('Amount').fill('10');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Trial, version 2 is saved').waitFor();
  }

  async function migrate({ page, go }: Visitor): Promise<void> {
    await go('/tiers/Trial/versions/1');
    await page.getByRole('button', { name: 'Migrate customers' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('To').click();
    await page.getByRole('option', { name: 'Trial, version 2' }).click();
    await dialog.getByText('None of them would be over a limit').waitFor();
    await dialog.getByLabel('Reason').fill('they asked for more');
    await dialog.getByRole('button', { name: 'Move 1 customer' }).click();
    await page.getByText('1 customer moved').waitFor();
  }

  it(
    'is made, met by real calls, shown, raised in the next version, and met no more',
    () =>
      sight.visit(async (visitor) => {
        const { page } = visitor;
        await makeTier(visitor);
        for (let n = 0; n < AMOUNT; n += 1) expect(await call()).toBe('allow');
        await until(async () => (await decide()).outcome === 'block', { what: 'a block' });

        await visitor.go('/customers');
        await page.getByRole('link', { name: CUSTOMER }).click();
        await page.getByText('100% · used up').first().waitFor();

        await visitor.go('/tiers/Trial/versions/1');
        await page.getByText('Read-only: a customer has had this version').waitFor();
        expect(await page.getByRole('button', { name: 'Save' }).count()).toBe(0);

        await raise(visitor);
        await migrate(visitor);
        await until(async () => (await call()) === 'allow', {
          what: 'the next call to go through',
        });
        expect(visitor.faults).toEqual([]);
      }),
    WITHIN_MS,
  );
});
