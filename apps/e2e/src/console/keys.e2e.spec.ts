/// <reference lib="dom" />
import type { Locator, Page } from 'playwright-core';
import type { Visitor } from './browser.builder';
import { Sight } from './sight.builder';

const WITHIN_MS = 300_000;
/** A gateway tells once a minute which keys were used, and the page asks twice as often. */
const USE_TOLD_WITHIN_MS = 150_000;
/** The stream of a key that was deleted ends; the browser asks for it again after 5 s. */
const ENDED_WITHIN_MS = 60_000;
const NAME = 'billing-bot';
const stranger = { signedIn: false };

const rowsOf = (page: Page): Locator =>
  page.getByRole('table', { name: 'API keys' }).getByRole('row').filter({ hasText: NAME });

/** Reads the key that is shown this once, and puts it away. */
async function takeKey(page: Page): Promise<string> {
  const dialog = page.getByRole('dialog', { name: `The key “${NAME}”` });
  const key = await dialog.locator('pre').innerText();
  await dialog.getByRole('button', { name: 'I have it' }).click();
  await dialog.waitFor({ state: 'detached' });
  return key;
}

async function makeKey({ page, go }: Visitor): Promise<string> {
  await go('/project/keys');
  await page.getByRole('button', { name: 'New key' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Name').fill(NAME);
  await dialog.getByLabel('admin: all of it').check();
  await dialog.getByRole('button', { name: 'Make the key' }).click();
  return takeKey(page);
}

async function rotate({ page, go }: Visitor): Promise<string> {
  await go('/project/keys');
  await rowsOf(page).getByRole('button', { name: 'Rotate' }).click();
  await page.getByText('The old one is good for another 24 hours').waitFor();
  await page.getByRole('dialog').getByRole('button', { name: 'Rotate the key' }).click();
  return takeKey(page);
}

/** The one that ends, and its successor that does not. */
async function removeOld({ page }: Visitor): Promise<void> {
  await rowsOf(page).nth(1).waitFor();
  const old = rowsOf(page).filter({ hasNotText: 'never' });
  await old.getByRole('button', { name: 'Delete' }).click();
  await page.getByText('who is signed in with it is signed out').waitFor();
  await page.getByRole('dialog').getByRole('button', { name: 'Delete the key' }).click();
  await old.waitFor({ state: 'detached' });
}

async function changeSetting({ page, go }: Visitor): Promise<void> {
  await go('/project/settings');
  await page.getByLabel('calls are allowed, and the answer says so').check();
  await page.getByRole('button', { name: 'Save 1 change' }).click();
  const dialog = page.getByRole('dialog');
  await dialog
    .getByText('refuse → allow. It holds for every call of every customer that can not be decided.')
    .waitFor();
  await dialog.getByLabel('Reason').fill('by clicks alone');
  await dialog.getByRole('button', { name: 'Change them' }).click();
  await dialog.waitFor({ state: 'detached' });
}

/** Who, why, before and after. */
async function expectAudited({ page, go }: Visitor): Promise<void> {
  await go('/project/audit');
  const fact = page.getByRole('listitem').filter({ hasText: '“by clicks alone”' });
  await fact.getByText(`${NAME} (`).waitFor();
  const changed = fact.getByRole('row').filter({ hasText: 'failOpen' });
  const cells = (await changed.getByRole('cell').allInnerTexts()).map((text) => text.trim());
  expect(cells).toEqual(['failOpen', 'false', 'true']);
}

describe('an API key', () => {
  const sight = new Sight();

  it(
    'is made by clicks, shown once, signs in, is rotated and deleted: its session ends with it',
    () =>
      sight.visit(async (admin) => {
        const key = await makeKey(admin);
        const secret = key.split('_')[2] ?? '';
        expect(secret).toHaveLength(43);
        await rowsOf(admin.page).getByText('not yet').waitFor();
        expect(await admin.page.content()).not.toContain(secret);

        await sight.visit(async (holder) => {
          await holder.signIn(key);
          await holder.page.getByRole('button', { name: `Signed in as ${NAME}` }).waitFor();
          await changeSetting(holder);
          await expectAudited(holder);
          await rowsOf(admin.page)
            .getByText('not yet')
            .waitFor({ state: 'detached', timeout: USE_TOLD_WITHIN_MS });
          await rowsOf(admin.page).locator('time').nth(1).waitFor();
          expect(admin.page.url()).toContain('/project/keys');

          const next = await rotate(admin);
          await holder.go('/overview');
          expect(await holder.page.getByLabel('API key').count()).toBe(0);
          await removeOld(admin);
          // Nobody loads the page anew.
          await holder.page.getByLabel('API key').waitFor({ timeout: ENDED_WITHIN_MS });
          await holder.signIn(next);
          await holder.page.getByRole('button', { name: `Signed in as ${NAME}` }).waitFor();
        }, stranger);
        expect(admin.faults).toEqual([]);
      }),
    WITHIN_MS,
  );
});
