/// <reference lib="dom" />
import { NARROW } from './browser.builder';
import { busyProject } from './busy-project.builder';
import { Sight } from './sight.builder';

const OWN = 'globex';
const OTHER = 'initech';

describe("a customer's own page", () => {
  const sight = new Sight(busyProject);
  const stranger = { signedIn: false };

  const tokenOf = async (customer: string): Promise<string> =>
    (
      await sight.stack.done<{ token: string }>(`/v1/customers/${customer}/tokens`, {
        method: 'POST',
        body: {},
      })
    ).token;

  it('opens with a token, which leaves the address, and shows what its customer has used', () =>
    sight.visit(async (visitor) => {
      const { page } = visitor;
      const token = await tokenOf(OWN);
      await visitor.go(`/usage#token=${token}`);
      await page.getByText('of 200,000 tokens left').first().waitFor();
      expect(page.url()).not.toContain(token);
      expect(await visitor.context.cookies()).toEqual([]);
      await visitor.picture('usage-light-wide');
      expect([await visitor.unfit(), visitor.faults]).toEqual([[], []]);
    }, stranger));

  it('takes a fresh link in the same tab, and asks for one when its token ends', () =>
    sight.visit(async (visitor) => {
      const { page } = visitor;
      const { stack } = sight;
      const made = await stack.done<{ id: string; key: string }>('/v1/keys', {
        method: 'POST',
        body: { name: 'links', scopes: ['admin'] },
      });
      const path = `/v1/customers/${OTHER}/tokens`;
      const answer = await stack.ask(path, { method: 'POST', body: {}, key: made.key });
      const token = String(answer.body['token']);
      await visitor.go(`/usage#token=${await tokenOf(OWN)}`);
      await page.getByRole('heading', { level: 1, name: OWN }).waitFor();
      await page.evaluate((fresh) => (location.hash = `token=${fresh}`), token);
      await page.getByRole('heading', { level: 1, name: OTHER }).waitFor();
      expect(page.url()).not.toContain(token);
      await stack.done(`/v1/keys/${made.id}`, { method: 'DELETE' });
      await page.getByText('This page needs a fresh link').waitFor();
    }, stranger));

  it('fits a narrow window, and can be read in dark colours', () =>
    sight.visit(
      async (visitor) => {
        await visitor.go(`/usage#token=${await tokenOf(OWN)}`);
        await visitor.page.getByText('of 200,000 tokens left').first().waitFor();
        await visitor.picture('usage-dark-narrow');
        expect([await visitor.unfit(), await visitor.overflow()]).toEqual([[], 0]);
      },
      { ...stranger, size: NARROW, scheme: 'dark' },
    ));

  it('reads nobody else, and nothing of the project', async () => {
    const key = await tokenOf(OWN);
    const answers = await Promise.all(
      [
        `/v1/customers/${OTHER}/entitlements`,
        `/v1/customers/${OTHER}/decisions`,
        '/v1/customers',
        '/v1/tiers',
        '/v1/usage?from=2026-11-01T00:00:00Z&to=2026-11-02T00:00:00Z&window=day',
        `/v1/customers/${OWN}/entitlements`,
      ].map(async (path) => (await sight.stack.ask(path, { key })).status),
    );
    expect(answers).toEqual([403, 403, 403, 403, 403, 200]);
  });

  it('asks for a fresh link without a token, and with one that is none', () =>
    sight.visit(async ({ page }) => {
      for (const address of ['/usage', '/usage#token=twc_nothing']) {
        await page.goto(sight.url + address);
        await page.getByText('This page needs a fresh link').waitFor();
      }
    }, stranger));
});
