/// <reference lib="dom" />
import { until } from '@tallyward/testing';
import { Sight } from './sight.builder';

describe('signing in', () => {
  const sight = new Sight();
  const stranger = { signedIn: false };

  it('is asked for, and a key that is none is refused in words', () =>
    sight.visit(async ({ page, context }) => {
      await page.goto(sight.url);
      await page.getByLabel('API key').fill('tw_0000000000000000_none');
      await page.getByRole('button', { name: 'Sign in' }).click();
      await page.getByText('No key of this installation').waitFor();
      expect(await context.cookies()).toEqual([]);
    }, stranger));

  it('leaves a cookie that no script reads, and nothing of the key in the browser', () =>
    sight.visit(async (visitor) => {
      const [cookie, ...more] = await visitor.context.cookies();
      expect(more).toEqual([]);
      expect(cookie).toMatchObject({ httpOnly: true, sameSite: 'Strict', path: '/' });
      const kept = await visitor.page.evaluate(() =>
        JSON.stringify([document.cookie, { ...localStorage }, { ...sessionStorage }]),
      );
      const secret = sight.stack.operatorKey.split('_')[2] ?? '';
      expect([kept, cookie?.value].join()).not.toContain(secret);
    }));

  it('ends with the key: the next look asks for one again', () =>
    sight.visit(async (visitor) => {
      const { stack } = sight;
      const body = { name: 'short-lived', scopes: ['read'] };
      const made = await stack.done<{ id: string; key: string }>('/v1/keys', {
        method: 'POST',
        body,
      });
      await visitor.signIn(made.key);
      await stack.done(`/v1/keys/${made.id}`, { method: 'DELETE' });
      const isAsked = async (): Promise<boolean> => {
        await visitor.page.reload();
        return (await visitor.page.getByLabel('API key').count()) === 1;
      };
      await until(isAsked, { what: 'the page to ask for a key' });
    }, stranger));

  it('is not over, and says so, where signing out was not taken', () =>
    sight.visit(async ({ page }) => {
      await page.route('**/v1/session', (route) =>
        route.request().method() === 'DELETE' ? route.fulfill({ status: 503 }) : route.continue(),
      );
      await page.getByRole('button', { name: 'Signed in as' }).click();
      await page.getByRole('menuitem', { name: 'Sign out' }).click();
      await page.getByText('Still signed in').waitFor();
      await page.getByRole('navigation', { name: 'Pages' }).waitFor();
    }));

  it('is over in every tab of the browser, and another one begins in each', () =>
    sight.visit(async (visitor) => {
      const { page, context } = visitor;
      const { stack } = sight;
      const other = await stack.done<{ project: string; key: string }>('/v1/projects', {
        method: 'POST',
        body: { name: 'another' },
      });
      const tab = await context.newPage();
      await tab.goto(sight.url);
      await tab.getByRole('button', { name: 'Signed in as' }).click();
      await tab.getByRole('menuitem', { name: 'Sign out' }).click();
      await page.getByLabel('API key').waitFor();
      await tab.getByLabel('API key').fill(other.key);
      await tab.getByRole('button', { name: 'Sign in' }).click();
      await page.getByRole('banner').getByText(other.project).waitFor();
    }));

  it('is over after signing out', () =>
    sight.visit(async ({ page, context }) => {
      await page.getByRole('button', { name: 'Signed in as' }).click();
      await page.getByRole('menuitem', { name: 'Sign out' }).click();
      await page.getByLabel('API key').waitFor();
      expect(await context.cookies()).toEqual([]);
    }));

  it('gives a page under a policy that lets no foreign script in', async () => {
    const { headers } = await fetch(sight.url);
    const policy = headers.get('content-security-policy') ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("script-src 'self'");
    expect(policy).not.toMatch(/script-src[^;]*unsafe/);
    expect(policy).toContain("frame-ancestors 'none'");
  });
});
