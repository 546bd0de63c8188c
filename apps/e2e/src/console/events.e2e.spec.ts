/// <reference lib="dom" />
import type { CountedEvent } from '@tallyward/contracts';
import { usageEvents } from '@tallyward/testing';
import { Sight } from './sight.builder';

const CUSTOMERS = ['globex', 'initech', 'umbrella'];
const EVENTS = 60;
/** Some in the last minutes, some of the last days, so that pages go over every look back. */
const AGE_MS = [1_000, 40 * 60_000, 3 * 86_400_000];

interface Page {
  readonly data: CountedEvent[];
  readonly nextCursor: string | null;
}

describe('the event explorer', () => {
  const sight = new Sight(async (stack) => {
    const now = Date.now();
    await stack.send(
      usageEvents(EVENTS, (n) => ({
        id: `call-${n}`,
        customer: CUSTOMERS[n % CUSTOMERS.length] ?? 'globex',
        // Some happen in the same millisecond.
        time: now - (AGE_MS[Math.floor(n / 3) % AGE_MS.length] ?? 0) - Math.floor(n / 9) * 1_000,
      })),
    );
    await stack.folded();
  });

  const pageOf = (query: string, key?: string): Promise<Page> =>
    sight.stack.done<Page>(`/v1/events?${query}`, key === undefined ? {} : { key });

  it('shows what comes in, of every customer, and leads to its place in the log', () =>
    sight.visit(async (visitor) => {
      const { page } = visitor;
      await visitor.go('/project/events');
      const rows = page.getByRole('table', { name: 'Events' }).locator('tbody tr');
      for (const customer of CUSTOMERS) await rows.getByText(customer).first().waitFor();
      await sight.stack.send(usageEvents(1, () => ({ id: 'call-live', customer: 'newcomer' })));
      // Told over the stream: nobody loads the page anew.
      await rows.first().getByText('newcomer').waitFor();
      expect([await visitor.unfit(), await visitor.overflow()]).toEqual([[], 0]);
      await visitor.picture('events-light-wide');

      await page.getByRole('link', { name: 'call-live' }).click();
      const { data } = await pageOf('customer=newcomer');
      const { partition, offset } = data[0] ?? {};
      await page.getByText(`Log: partition ${partition}, offset ${offset}`).waitFor();
      await page.getByText('ClickHouse: counted').waitFor();
      await page.getByText('Totals: counted').waitFor();
      await visitor.go('/project/events?customer=globex');
      await rows.first().waitFor();
      expect(await page.getByText('initech').count()).toBe(0);
      expect(visitor.faults).toEqual([]);
    }));

  it('reads pages that leave out nothing and repeat nothing, newest first', async () => {
    const paged: CountedEvent[] = [];
    let cursor: string | null = '';
    for (let pages = 0; cursor !== null && pages < 50; pages += 1) {
      const next: Page = await pageOf(`limit=7${cursor === '' ? '' : `&cursor=${cursor}`}`);
      expect(next.data.length).toBeLessThanOrEqual(7);
      paged.push(...next.data);
      cursor = next.nextCursor;
    }
    const places = paged.map(({ partition, offset }) => `${partition}:${offset}`);
    expect(new Set(places).size).toBe(places.length);
    expect(paged.filter(({ source }) => source === 'spec').length).toBeGreaterThanOrEqual(EVENTS);
    const times = paged.map(({ time }) => Date.parse(time));
    expect(times).toEqual(times.toSorted((one, other) => other - one));
    const own = await pageOf('customer=globex&limit=200');
    expect(new Set(own.data.map(({ customer }) => customer))).toEqual(new Set(['globex']));
    expect(own.data).toHaveLength(EVENTS / CUSTOMERS.length);
  });

  it('is of the caller’s own project alone', async () => {
    const { key } = await sight.stack.done<{ key: string }>('/v1/projects', {
      method: 'POST',
      body: { name: 'another' },
    });
    expect((await pageOf('', key)).data).toEqual([]);
    expect((await pageOf('customer=globex', key)).data).toEqual([]);
  });
});
