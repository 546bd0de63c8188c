/// <reference lib="dom" />
import { until, usageEvents } from '@tallyward/testing';
import type { Page } from 'playwright-core';
import type { Visitor } from './browser.builder';
import { Sight } from './sight.builder';

const WITHIN_MS = 180_000;
/** Two tries that fail, a minute of the page's own clock at most, and a busy machine. */
const SHOWN_LATE_MS = 90_000;
/** Sooner than the page asks by itself. */
const ASKED_WITHIN_MS = 2_000;
/** More than a gateway has room for. */
const STREAMS = 200;
const ZONE = 'Asia/Tokyo';

/** What each page of a project without anything says is to be done, or will come by itself. */
const EMPTY: Readonly<Record<string, readonly string[]>> = {
  '/overview': ['Ask before each call with POST /v1/decisions', 'Send usage with POST /v1/events'],
  '/customers': ['POST /v1/decisions or POST /v1/events from your app'],
  '/tiers': ['Default New Customer Tier'],
  '/billing': ['They are compared every five minutes', 'Periods stand here'],
  '/billing?show=periods': ['A period closes after its end'],
  '/billing?show=records': ['as often as the settings say'],
  '/project': ['No model counts here yet'],
  '/project/keys': ['Its secret is shown once'],
  '/project/audit': ['Before'],
  '/project/events': ['POST /v1/events'],
  '/project/system': ['Nothing in quarantine'],
};
const NO_CHANGES = /^(New|Add|Change|Make|Migrate|Replenish|Clone|Save|Rotate|Delete|Move)/;

describe('a project without anything', () => {
  const sight = new Sight();

  it(
    'is told on each page what to do next',
    () =>
      sight.visit(async (visitor) => {
        for (const [path, words] of Object.entries(EMPTY)) {
          await visitor.go(path);
          for (const text of words) await visitor.page.getByText(text).first().waitFor();
        }
        expect(visitor.faults).toEqual([]);
      }),
    WITHIN_MS,
  );

  it(
    'shows a key that only reads no way to change, and which scope it takes to see more',
    async () => {
      const { stack } = sight;
      await stack.done('/v1/settings', { method: 'PUT', body: { timeZone: ZONE } });
      const body = { name: 'auditor', scopes: ['read'] };
      const { key } = await stack.done<{ key: string }>('/v1/keys', { method: 'POST', body });
      await sight.visit(
        async (visitor) => {
          const { page } = visitor;
          await visitor.signIn(key);
          await page.getByRole('button', { name: `Time zone: ${ZONE}` }).waitFor();
          for (const path of ['/customers', '/tiers', '/project', '/project/keys']) {
            await visitor.go(path);
            await page.getByText('It takes a key with the scope “admin”').first().waitFor();
            expect(await buttonsOf(page, NO_CHANGES)).toEqual([]);
          }
          visitor.faults.splice(0);
          for (const path of ['/billing', '/project/audit', '/project/events', '/project/system']) {
            await visitor.go(path);
            expect(await page.getByText('It takes a key with the scope').count()).toBe(0);
            expect(await buttonsOf(page, NO_CHANGES)).toEqual([]);
          }
          expect(visitor.faults).toEqual([]);
        },
        { signedIn: false },
      );
    },
    WITHIN_MS,
  );
});

describe('a page whose service is away', () => {
  const sight = new Sight(async (stack) => {
    await stack.send(usageEvents(5));
    await stack.folded();
  });

  it(
    'says so, keeps what it showed as what it was, asks at a click, and is right again by itself',
    () =>
      sight.visit(async (visitor) => {
        const { page } = visitor;
        const { aggregator } = sight.stack;
        await visitor.go('/overview');
        await page.getByText('5 calls').or(page.getByText('75 tokens')).first().waitFor();
        await aggregator.stop();
        await sight.stack.send(usageEvents(3));
        const stale = page.getByRole('status').filter({ hasText: 'You see usage as of' });
        await stale.waitFor({ timeout: SHOWN_LATE_MS });
        await page.getByText('75 tokens').waitFor();
        const chart = page.getByRole('figure', { name: 'Usage by model group' });
        const boxes = await Promise.all([stale, chart].map((one) => one.boundingBox()));
        // It stands above what it is about.
        expect(boxes[0]?.x).toBe(boxes[1]?.x);
        expect(boxes[0]?.y ?? 0).toBeLessThan(boxes[1]?.y ?? 0);
        await visitor.picture('stale-light-wide');
        expect(await visitor.unfit()).toEqual([]);

        await visitor.go('/billing');
        const failed = page.getByRole('alert').filter({ hasText: 'Try again' }).first();
        await failed.waitFor({ timeout: SHOWN_LATE_MS });
        await visitor.picture('failed-light-wide');
        expect(await visitor.unfit()).toEqual([]);
        const isAsked = page.waitForRequest(/[/]v1[/]/, { timeout: ASKED_WITHIN_MS });
        await failed.getByRole('button', { name: 'Try again' }).click();
        await isAsked;
        await aggregator.start();
        const sides = page.getByRole('table', { name: 'The four sides' });
        await sides.waitFor({ timeout: SHOWN_LATE_MS });
        await isRenewed(page);
      }),
    WITHIN_MS,
  );
});

describe('a page whose stream is away', () => {
  const sight = new Sight(async (stack) => {
    await stack.send(usageEvents(5));
    await stack.folded();
  });
  const tokens = ({ page }: Visitor, count: number) =>
    page.getByText(`${count} tokens`).first().waitFor({ timeout: SHOWN_LATE_MS });

  it(
    'asks every ten seconds by itself, and listens again once there is room',
    async () => {
      const taken = new AbortController();
      const held = await fillStreams(sight, taken.signal);
      await sight.visit(async (visitor) => {
        const { page } = visitor;
        await visitor.go('/overview');
        await tokens(visitor, 75);
        await sight.stack.send(usageEvents(4));
        await sight.stack.folded();
        await tokens(visitor, 135);
        expect(await feedOf(page)).toContain('every 10 seconds');
        expect(held).toHaveLength(STREAMS);
        taken.abort();
        await expectFeed(page, 'within two seconds');
      });
    },
    WITHIN_MS,
  );

  it(
    'asks again for what failed while it listens, though nothing changes any more',
    () =>
      sight.visit(async (visitor) => {
        const { page } = visitor;
        await page.route('**/v1/tiers*', (route) => route.fulfill({ status: 503, body: '{}' }));
        await visitor.go('/tiers');
        await expectFeed(page, 'within two seconds');
        const again = page.getByRole('button', { name: 'Try again' });
        await again.waitFor();
        await page.unrouteAll();
        await again.waitFor({ state: 'detached', timeout: SHOWN_LATE_MS });
        await page.getByText('Default New Customer Tier').first().waitFor();
      }),
    WITHIN_MS,
  );

  it(
    'goes on where it was when the gateway that died is back: nobody loads it anew',
    () =>
      sight.visit(async (visitor) => {
        const { page } = visitor;
        const [gateway] = sight.stack.gateways;
        if (!gateway) throw new Error('no gateway');
        await visitor.go('/overview');
        await tokens(visitor, 135);
        await expectFeed(page, 'within two seconds');
        await page.evaluate(() => Object.assign(globalThis, { sameDocument: true }));
        await gateway.kill();
        await page
          .getByText('Tallyward can not be reached')
          .or(page.getByText('Not renewed'))
          .first()
          .waitFor({ timeout: SHOWN_LATE_MS });
        expect(await feedOf(page)).toContain('every 10 seconds');
        await gateway.start();
        const event = usageEvents(1, () => ({ id: 'after', time: Date.now() }));
        const isTaken = async () => (await sight.stack.send(event)).status === 202;
        await until(isTaken, { what: 'the gateway to take usage again' });
        await tokens(visitor, 150);
        await expectFeed(page, 'within two seconds');
        await isRenewed(page);
        expect(await page.evaluate(() => 'sameDocument' in globalThis)).toBe(true);
      }),
    WITHIN_MS,
  );
});

/** Nobody clicks: each part comes to be right by itself. */
async function isRenewed(page: Page): Promise<void> {
  const isRight = async () => (await page.getByRole('button', { name: 'Try again' }).count()) === 0;
  await until(isRight, { what: 'every part to be renewed', withinMs: SHOWN_LATE_MS });
}

async function buttonsOf(page: Page, named: RegExp): Promise<string[]> {
  const found = page.getByRole('main').getByRole('button', { name: named });
  const links = page.getByRole('main').getByRole('link', { name: /^New / });
  const words = [...(await found.allInnerTexts()), ...(await links.allInnerTexts())];
  return words;
}

/** As whoever hovers over the mark reads it. */
async function feedOf(page: Page): Promise<string> {
  const mark = page.getByRole('banner').locator('.mantine-Badge-root');
  await page.mouse.move(0, 0);
  await mark.hover();
  const words = await page.getByRole('tooltip').innerText();
  await page.mouse.move(0, 0);
  return words;
}

async function expectFeed(page: Page, words: string): Promise<void> {
  const mark = page.getByRole('banner').locator('.mantine-Badge-root');
  await mark.hover();
  const tip = page.getByRole('tooltip').filter({ hasText: words });
  await tip.waitFor({ timeout: SHOWN_LATE_MS });
  await page.mouse.move(0, 0);
}

/** Takes every stream of the gateway: each is open as long as its answer is held. */
async function fillStreams({ stack }: Sight, signal: AbortSignal): Promise<readonly Response[]> {
  const headers = { authorization: `Bearer ${stack.operatorKey}` };
  const url = `${stack.gateways[0]?.url}/v1/stream`;
  const opened = Array.from({ length: STREAMS }, () => fetch(url, { headers, signal }));
  const answers = await Promise.all(opened);
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
  return answers;
}
