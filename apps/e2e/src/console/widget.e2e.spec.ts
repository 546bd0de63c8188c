/// <reference lib="dom" />
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { until } from '@tallyward/testing';
import type { Page } from 'playwright-core';
import { Sight } from './sight.builder';

const WITHIN_MS = 180_000;
/** It asks every 10 seconds. */
const ASKED_WITHIN_MS = 60_000;
const NOT_ASKED_MS = 12_000;
const CUSTOMER = 'globex';
const MODEL = 'gpt-4o-mini';
const AMOUNT = 3;
const limit = { scope: 'customer', modelGroup: 'standard', unit: 'calls', window: 'month' };
const TRIAL = { name: 'Trial', limits: [{ ...limit, amount: AMOUNT, onLimit: 'block' }] };

/** What another product's style sheet may do to everything of its own. */
const HOSTILE = `
section, article, h3, p, span, div.bar { display: none !important; }
* { border: 7px solid lime !important; padding: 31px !important; margin: 17px !important; }
article, .used, .bar { background: lime !important; height: 90px !important; float: right; }
p, h3 { font-size: 41px !important; color: lime !important; text-transform: uppercase; }`;

/** Another product: its own origin, its own looks. */
class OtherProduct {
  private constructor(
    private readonly server: Server,
    readonly url: string,
  ) {}

  static async with(widget: string, token: () => string): Promise<OtherProduct> {
    const server = createServer((request, response) => {
      const css = request.url === '/hostile' ? HOSTILE : '';
      response.writeHead(200, { 'content-type': 'text/html' });
      response.end(`<!doctype html><html lang="en"><head><title>Another product</title>
<link rel="icon" href="data:,"><style>body { font-family: serif; } ${css}</style>
<script src="${widget}/widget.js"></script></head>
<body><main><h1>Another product</h1>
<tallyward-usage token="${token()}" groups="standard"></tallyward-usage></main></body></html>`);
    });
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    const { port } = server.address() as AddressInfo;
    return new OtherProduct(server, `http://127.0.0.1:${port}`);
  }

  close(): void {
    this.server.closeAllConnections();
    this.server.close();
  }
}

describe('the usage widget in another product', () => {
  let product: OtherProduct | undefined;
  let token = '';
  const sight = new Sight(async (stack) => {
    const put = (path: string, body: object) => stack.done(path, { method: 'PUT', body });
    await put(`/v1/models/${MODEL}`, { group: 'standard' });
    await stack.done('/v1/tiers', { method: 'POST', body: TRIAL });
    await put('/v1/settings', { defaultTier: { name: 'Trial', version: 1 } });
    await put(`/v1/customers/${CUSTOMER}`, {});
    token = await tokenOf();
    product = await OtherProduct.with(sight.url, () => token);
  });
  afterAll(() => product?.close());

  const at = (path = '/'): string => `${product?.url}${path}`;
  const tokenOf = async (): Promise<string> => {
    const path = `/v1/customers/${CUSTOMER}/tokens`;
    return (await sight.stack.done<{ token: string }>(path, { method: 'POST', body: {} })).token;
  };

  /** A real call: admitted, and settled with what it used. */
  async function call(): Promise<string> {
    const { outcome, holdId } = await sight.stack.done<{ outcome: string; holdId: string | null }>(
      '/v1/decisions',
      {
        method: 'POST',
        body: {
          customer: CUSTOMER,
          model: MODEL,
          estimate: { inputTokens: 5, maxOutputTokens: 5 },
        },
      },
    );
    if (holdId === null) return outcome;
    const body = { model: MODEL, inputTokens: 5, outputTokens: 5 };
    await sight.stack.done(`/v1/holds/${holdId}/settle`, { method: 'POST', body });
    return outcome;
  }

  it(
    'shows what is left, and the quota message once real calls have reached the limit',
    () =>
      sight.visit(
        async (visitor) => {
          const { page } = visitor;
          await page.goto(at());
          await page.getByText(`${AMOUNT} of ${AMOUNT} left.`).waitFor();
          expect(await colourOf(page)).toBe('rgb(66, 99, 235)');
          for (let n = 0; n < AMOUNT; n += 1) expect(await call()).toBe('allow');
          await until(async () => (await call()) === 'block', { what: 'a block' });
          // It asks by itself: nobody loads the page anew.
          const message = page.getByText(`All ${AMOUNT} used: calls are refused.`);
          await message.waitFor({ timeout: ASKED_WITHIN_MS });
          expect(await colourOf(page)).toBe('rgb(214, 51, 108)');
          await visitor.picture('widget-light-wide');
          expect([visitor.faults, await visitor.unfit()]).toEqual([[], []]);
          expect(await visitor.context.cookies()).toEqual([]);
        },
        { signedIn: false },
      ),
    WITHIN_MS,
  );

  it('looks the same whatever the style sheet of the page says of its own', () =>
    sight.visit(
      async ({ page }) => {
        const looks = async (path: string): Promise<unknown> => {
          await page.goto(at(path));
          await page.getByText(`All ${AMOUNT} used`).waitFor();
          return looksOf(page);
        };
        const plain = await looks('/');
        expect(JSON.stringify(plain)).toContain('"article');
        expect(await looks('/hostile')).toEqual(plain);
        expect(await page.locator('h1').evaluate((h1) => getComputedStyle(h1).paddingTop)).toBe(
          '31px',
        );
      },
      { signedIn: false },
    ));

  it('says so where its token is none any more, and asks for nothing more', () =>
    sight.visit(
      async ({ page }) => {
        const before = token;
        token = 'twc_nothing';
        try {
          await page.goto(at());
          await page.getByText('Usage can not be shown any more: reload the page.').waitFor();
          let asked = 0;
          page.on('request', () => (asked += 1));
          await pause(NOT_ASKED_MS);
          expect(asked).toBe(0);
          // A product that renews the token need not load its page anew.
          await page
            .locator('tallyward-usage')
            .evaluate((widget, fresh) => widget.setAttribute('token', fresh), before);
          await page.getByText(`All ${AMOUNT} used`).waitFor();
          await until(() => Promise.resolve(asked > 2), {
            what: 'it to go on asking',
            withinMs: 2 * ASKED_WITHIN_MS,
          });
        } finally {
          token = before;
        }
      },
      { signedIn: false },
    ));
});

/** Of the part of the bar that is used. */
const colourOf = (page: Page): Promise<string> =>
  page
    .locator('tallyward-usage .used')
    .first()
    .evaluate((part) => getComputedStyle(part).backgroundColor);

/** What is drawn inside the widget: each element, its size and its looks. */
function looksOf(page: Page): Promise<unknown> {
  return page.locator('tallyward-usage').evaluate((widget) => {
    // The page may say how wide it is; not what is inside.
    widget.style.setProperty('width', '600px', 'important');
    return Array.from(widget.shadowRoot?.querySelectorAll('*') ?? [], (element) => {
      const { width, height } = element.getBoundingClientRect();
      const { display, fontSize, color, backgroundColor, border, padding, margin, textTransform } =
        getComputedStyle(element);
      const name = `${element.localName}.${element.className}`;
      const box = [Math.round(width), Math.round(height), display, border, padding, margin];
      return [name, ...box, fontSize, color, backgroundColor, textTransform];
    });
  });
}
