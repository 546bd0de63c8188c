/// <reference lib="dom" />
import type { Page } from 'playwright-core';
import { Sight } from './sight.builder';
import { TenThousand } from './ten-thousand.builder';
import { CustomersScreen } from './ten-thousand-screen.builder';

/** Seven pages: enough that none of the bounds below holds by itself. */
const COUNT = 650;
const WITHIN_MS = 240_000;
/** Rows of a window of 900 pixels, and those drawn ahead of it. */
const MOST_DRAWN = 60;

/** The ids that the API answers, over all pages. */
async function listed(sight: Sight, query: string): Promise<string[]> {
  const found: string[] = [];
  let cursor = '';
  do {
    const at = `/v1/customers?limit=100&${query}${cursor && `&cursor=${cursor}`}`;
    type Answer = { data: { customer: string }[]; nextCursor: string | null };
    const { data, nextCursor }: Answer = await sight.stack.done<Answer>(at);
    found.push(...data.map(({ customer }) => customer));
    cursor = nextCursor ?? '';
  } while (cursor !== '');
  return found;
}

/** The ids that the list shows while it is scrolled to its end, in their order. */
async function shown(page: Page): Promise<string[]> {
  const found = new Map<number, string>();
  const table = page.getByRole('table', { name: 'Customers' });
  await page.evaluate(() => window.scrollTo(0, 0));
  for (;;) {
    const rows = await table
      .locator('[data-index]')
      .evaluateAll((all) =>
        all.map((row) => [Number(row.getAttribute('data-index')), row.querySelector('a')?.text]),
      );
    for (const [index, name] of rows) found.set(Number(index), String(name));
    const count = await page.getByText(/ shown, and that is all$/).count();
    const total = Number(await table.getAttribute('aria-rowcount')) - 1;
    if (count > 0 && found.size === total) break;
    await page.evaluate(scrollOn);
  }
  return [...found].sort(([one], [other]) => one - other).map(([, name]) => name);
}

/** In the page: half a window further, and from the end to the top again; waits for the frame. */
async function scrollOn(): Promise<void> {
  const end = document.documentElement.scrollHeight - window.innerHeight;
  const isAtEnd = window.scrollY >= end - 1;
  window.scrollTo(0, isAtEnd ? 0 : window.scrollY + window.innerHeight / 2);
  for (let frame = 0; frame < 2; frame += 1) await new Promise(requestAnimationFrame);
}

describe('a long list of customers', () => {
  const people = new TenThousand(COUNT);
  const sight = new Sight((stack) => people.fill(stack));

  it(
    'is drawn as far as it is seen, and reached to its last page',
    () =>
      sight.visit(async (visitor) => {
        const screen = new CustomersScreen(visitor, people);
        await screen.install();
        await screen.open();
        const { drawn } = await screen.end();
        expect(drawn).toBeGreaterThan(5);
        expect(drawn).toBeLessThan(MOST_DRAWN);
        expect(await shown(visitor.page)).toEqual(people.all);
        expect(visitor.faults).toEqual([]);
      }),
    WITHIN_MS,
  );

  it(
    'has those near a limit found on the overview, wherever they stand in it',
    () =>
      sight.visit(async (visitor) => {
        await visitor.go('/overview');
        await visitor.page.getByText(`${people.near.length} customers at 80 % or more`).waitFor();
      }),
    WITHIN_MS,
  );

  it.each([
    ['near=80', people.near],
    ['near=100', people.over],
    ['q=0042', people.named('0042')],
    ['tier=Professional&version=1', people.professional],
  ])(
    'shows what the API finds: %s',
    (query, expected) =>
      sight.visit(async (visitor) => {
        await visitor.go(`/customers?${query}`);
        const found = await listed(sight, query);
        expect(await shown(visitor.page)).toEqual(found);
        expect(found).toEqual(expected);
      }),
    WITHIN_MS,
  );
});
