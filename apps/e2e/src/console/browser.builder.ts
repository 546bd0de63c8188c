/// <reference lib="dom" />
import { execFile } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import axe from 'axe-core';
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core';
import { CHECKOUT } from '@tallyward/local';

/** How long the browser may take to come up, unpacked for the first time on a busy machine. */
const LAUNCH_WITHIN_MS = 60_000;
/** How long a page may take to show what it is to show. */
export const SHOWN_WITHIN_MS = 30_000;

/** Where a picture of a page is kept, for whoever asks for them. */
const PICTURES = process.env['TALLYWARD_SCREENSHOTS'];

export const WIDE = { width: 1440, height: 900 };
export const NARROW = { width: 400, height: 850 };
export type Scheme = 'light' | 'dark';

/** The browser that comes with the package: it is no CommonJS, which is all that jest loads. */
const WHERE = `import chromium from '@sparticuz/chromium';
console.log(JSON.stringify({ path: await chromium.executablePath(), args: chromium.args }));`;

/** A real browser, headless. */
export async function openBrowser(): Promise<Browser> {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--input-type=module', '-e', WHERE],
    { cwd: CHECKOUT, timeout: LAUNCH_WITHIN_MS },
  );
  const { path, args } = JSON.parse(stdout) as { path: string; args: string[] };
  return chromium.launch({
    executablePath: path,
    // One process for all pages dies with the first of them.
    args: args.filter((arg) => arg !== '--single-process'),
    timeout: LAUNCH_WITHIN_MS,
  });
}

/** A person at a screen: one window of one size, and all that went wrong in it. */
export class Visitor {
  readonly faults: string[] = [];

  private constructor(
    readonly context: BrowserContext,
    readonly page: Page,
    readonly url: string,
  ) {
    page.on('console', (message) => {
      if (message.type() === 'error') this.faults.push(message.text());
    });
    page.on('pageerror', (error) => this.faults.push(error.message));
  }

  static async at(
    browser: Browser,
    url: string,
    { size = WIDE, scheme = 'light' as Scheme } = {},
  ): Promise<Visitor> {
    const context = await browser.newContext({ viewport: size, colorScheme: scheme });
    context.setDefaultTimeout(SHOWN_WITHIN_MS);
    return new Visitor(context, await context.newPage(), url);
  }

  async signIn(key: string): Promise<void> {
    await this.page.goto(this.url);
    await this.page.getByLabel('API key').fill(key);
    await this.page.getByRole('button', { name: 'Sign in' }).click();
    await this.page.getByRole('navigation', { name: 'Pages' }).waitFor({ state: 'attached' });
    // Whoever is not signed in is told so: the browser holds that to be an error.
    const others = this.faults.splice(0).filter((fault) => !fault.includes('401'));
    this.faults.push(...others);
  }

  /** Opens an address of the console, and waits until nothing is being loaded. */
  readonly go = async (path: string): Promise<void> => {
    await this.page.goto(new URL(path, this.url).href);
    await this.settled();
  };

  async settled(): Promise<void> {
    await this.page.locator('h1').first().waitFor();
    await this.page.waitForFunction(() => !document.querySelector('.mantine-Skeleton-root'));
  }

  /** What axe holds to be serious, or worse. */
  async unfit(): Promise<string[]> {
    await this.page.evaluate(axe.source);
    const found = await this.page.evaluate(async () => {
      const { violations } = await (
        globalThis as unknown as { axe: typeof import('axe-core') }
      ).axe.run();
      return violations
        .filter(({ impact }) => impact === 'serious' || impact === 'critical')
        .map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(' ')).join(', ')}`);
    });
    return found;
  }

  /** Pixels that the page is wider than its window. */
  overflow(): Promise<number> {
    return this.page.evaluate(
      () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
    );
  }

  /** Kept where TALLYWARD_SCREENSHOTS says. */
  async picture(name: string): Promise<void> {
    if (PICTURES === undefined) return;
    mkdirSync(PICTURES, { recursive: true });
    await this.page.screenshot({ path: join(PICTURES, `${name}.png`), animations: 'disabled' });
  }

  close(): Promise<void> {
    return this.context.close();
  }
}
