import { csvRows } from '@tallyward/testing';
import { readFile } from 'node:fs/promises';
import type { Page } from 'playwright-core';
import { busyProject } from './busy-project.builder';
import { Sight } from './sight.builder';

const CUSTOMER = 'globex';

type Sums = Readonly<Record<string, number>>;

/** Of the chart's table: each column's sum. */
async function shownSums(page: Page): Promise<Sums> {
  await page.getByRole('button', { name: 'Show as a table' }).click();
  const table = page.getByRole('region', { name: /, as a table$/ });
  const names = await table.locator('thead th').allTextContents();
  const rows = await table.locator('tbody tr').all();
  const cells = await Promise.all(rows.map((row) => row.locator('td').allTextContents()));
  const sum = (at: number): number =>
    cells.reduce((all, row) => all + Number(row[at]?.replaceAll(',', '')), 0);
  return Object.fromEntries(names.slice(1).map((name, at) => [name, sum(at + 1)]));
}

function sumsOf(rows: readonly Record<string, unknown>[]): Sums {
  const sums = new Map<string, number>();
  for (const row of rows) {
    const [model, tokens] = [String(row['model'] ?? ''), Number(row['tokens'])];
    if (tokens > 0) sums.set(model, (sums.get(model) ?? 0) + tokens);
  }
  return Object.fromEntries(sums);
}

describe("a customer's history", () => {
  const sight = new Sight(busyProject);

  it('says the same as a chart, as a table, as CSV and over the API', () =>
    sight.visit(async (visitor) => {
      const { page } = visitor;
      await visitor.go(`/customers/${CUSTOMER}/history?by=model`);
      const shown = await shownSums(page);
      const [download] = await Promise.all([
        page.waitForEvent('download'),
        page.getByRole('button', { name: 'CSV of what is shown' }).click(),
      ]);
      const csv = sumsOf(csvRows(await readFile(await download.path(), 'utf8')));
      const day = 86_400_000;
      const span = new URLSearchParams({
        from: new Date(Date.now() - 365 * day).toISOString(),
        to: new Date(Date.now() + day).toISOString(),
        window: 'month',
        groupBy: 'model',
      });
      const at = `/v1/customers/${CUSTOMER}/usage?${span}`;
      const { data } = await sight.stack.done<{ data: Record<string, unknown>[] }>(at);
      expect(Object.keys(shown)).toHaveLength(3);
      expect([shown, csv]).toEqual([sumsOf(data), sumsOf(data)]);
    }));

  it('is looked into by the keyboard alone, in the table', () =>
    sight.visit(async (visitor) => {
      const { page } = visitor;
      await visitor.go(`/customers/${CUSTOMER}/history`);
      await page.getByRole('button', { name: 'Show as a table' }).click();
      for (const window of ['month', 'day', 'hour', 'minute']) {
        const table = page.getByRole('region', { name: `Usage by the ${window}, as a table` });
        await table.waitFor();
        if (window === 'minute') break;
        await table.locator('tbody button').last().focus();
        await page.keyboard.press('Enter');
      }
      expect(new URL(page.url()).searchParams.get('window')).toContain('minute');
    }));

  it('is looked into by a click on a bar, from the month to the minute', () =>
    sight.visit(async (visitor) => {
      const { page } = visitor;
      await visitor.go(`/customers/${CUSTOMER}/history`);
      for (const window of ['month', 'day', 'hour']) {
        await page.getByRole('heading', { name: `Usage by the ${window}` }).waitFor();
        await page.locator('.recharts-bar-rectangle path').last().click();
      }
      await page.getByRole('heading', { name: 'Usage by the minute' }).waitFor();
      expect(new URL(page.url()).searchParams.get('window')).toContain('minute');
      await page.getByRole('button', { name: 'Back to a year' }).click();
      await page.getByRole('heading', { name: 'Usage by the month' }).waitFor();
    }));
});
