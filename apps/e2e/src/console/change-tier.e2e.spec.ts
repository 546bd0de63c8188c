/// <reference lib="dom" />
import type { Locator, Page } from 'playwright-core';
import { busyProject } from './busy-project.builder';
import { Sight } from './sight.builder';

/** On Starter, as every customer of this project that nobody moved. */
const CUSTOMER = 'acme';
const MOST_TABS = 80;

/** As a person does who has no mouse: Tab until it has the focus. */
async function tabTo(page: Page, wanted: Locator): Promise<void> {
  await wanted.waitFor();
  for (let tabs = 0; tabs < MOST_TABS; tabs += 1) {
    if (await wanted.evaluate((element) => element === document.activeElement)) return;
    await page.keyboard.press('Tab');
  }
  throw new Error(`not reached by ${MOST_TABS} tabs: ${wanted}`);
}

describe('changing a tier', () => {
  const sight = new Sight(busyProject);

  it('takes no mouse, says before and after, and stands in the audit trail', () =>
    sight.visit(async (visitor) => {
      const { page } = visitor;
      await visitor.go(`/customers/${CUSTOMER}`);
      await tabTo(page, page.getByRole('button', { name: 'Change tier' }));
      await page.keyboard.press('Enter');

      const dialog = page.getByRole('dialog');
      await tabTo(page, dialog.getByLabel('Tier and version').and(page.locator('input')));
      await page.keyboard.type('Professional');
      await page.keyboard.press('ArrowDown');
      await page.keyboard.press('Enter');
      await dialog.getByText('Before → after').waitFor();
      await dialog.getByText(`From now on ${CUSTOMER} has the limits of Professional`).waitFor();
      await tabTo(page, dialog.getByLabel('Reason'));
      await page.keyboard.type('by keyboard alone');
      await page.keyboard.press('Enter');
      await page.getByText(`${CUSTOMER} is changed`).waitFor();

      const { tier } = await sight.stack.done<{ tier: unknown }>(`/v1/customers/${CUSTOMER}`);
      expect(tier).toMatchObject({ name: 'Professional', version: 1 });
      await visitor.go(`/customers/${CUSTOMER}/audit`);
      await page.getByText('“by keyboard alone”').waitFor();
      expect(visitor.faults).toEqual([]);
    }));
});
