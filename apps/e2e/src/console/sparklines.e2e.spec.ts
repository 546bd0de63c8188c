import { busyProject } from './busy-project.builder';
import { Sight } from './sight.builder';

const CUSTOMER = 'globex';
const DAY_MS = 86_400_000;

interface Day {
  readonly tokens: number;
  readonly calls: number;
}

describe('the list of customers', () => {
  const sight = new Sight(busyProject);

  /** Of the last seven days of UTC, as the API has them. */
  async function sums(): Promise<Day[]> {
    const today = Math.floor(Date.now() / DAY_MS) * DAY_MS;
    const span = new URLSearchParams({
      from: new Date(today - 6 * DAY_MS).toISOString(),
      to: new Date(today + DAY_MS).toISOString(),
      window: 'day',
      timeZone: 'UTC',
    });
    const at = `/v1/customers/${CUSTOMER}/usage?${span}`;
    return (await sight.stack.done<{ data: Day[] }>(at)).data;
  }

  it('draws the week of each customer, which the API says too, asked for at once', () =>
    sight.visit(async (visitor) => {
      const { page } = visitor;
      const asked: string[] = [];
      page.on('request', (request) => {
        const { pathname, searchParams } = new URL(request.url());
        const named = searchParams.getAll('customer');
        // The overview, which the page comes from, asks for all of them.
        if (pathname === '/v1/usage' && named.length > 0) asked.push(named.join());
      });
      await visitor.go('/customers?tz=UTC');
      const row = page.getByRole('row').filter({ has: page.getByRole('link', { name: CUSTOMER }) });
      const week = row.getByRole('img', { name: / a day since / });
      await week.waitFor();
      const words = await week.getAttribute('aria-label');
      const unit = words?.startsWith('tokens') ? 'tokens' : 'calls';
      const days = (await sums()).map((day) => day[unit].toLocaleString('en')).join(', ');
      expect(words).toMatch(new RegExp(`^${unit} a day since .+: ${days} so far today$`));
      expect(await page.getByRole('img', { name: / a day since / }).count()).toBe(8);
      expect(new Set(asked).size).toBe(1);
      expect(asked[0]?.split(',')).toHaveLength(8);
      await visitor.picture('customers-week-light-wide');
      expect([await visitor.unfit(), await visitor.overflow(), visitor.faults]).toEqual([
        [],
        0,
        [],
      ]);
    }));
});
