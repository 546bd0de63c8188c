import type { Browser } from 'playwright-core';
import { START_WITHIN_MS, type Stack } from '../stack.builder';
import { openBrowser, Visitor } from './browser.builder';
import { consoleStack } from './console-stack.builder';

/** A stack and a browser for all tests of a file, and a window for each. */
export class Sight {
  private opened: { readonly stack: Stack; readonly browser: Browser } | undefined;

  /** `fill` runs once, before the first test. */
  constructor(fill: (stack: Stack) => Promise<void> = () => Promise.resolve()) {
    beforeAll(async () => {
      const [stack, browser] = await Promise.all([consoleStack(), openBrowser()]);
      this.opened = { stack, browser };
      await fill(stack);
    }, START_WITHIN_MS);
    afterAll(async () => {
      await this.opened?.browser.close();
      await this.opened?.stack.close();
    });
  }

  get stack(): Stack {
    if (!this.opened) throw new Error('The stack is not up.');
    return this.opened.stack;
  }

  /** Where the console is. */
  get url(): string {
    return this.stack.gateways[0]?.url ?? '';
  }

  /** A window of its own; the one who looks is signed in with the operator's key, if asked. */
  async visit(
    use: (visitor: Visitor) => Promise<void>,
    { signedIn = true, ...look }: { signedIn?: boolean } & Parameters<typeof Visitor.at>[2] = {},
  ): Promise<void> {
    const browser = this.opened?.browser;
    if (!browser) throw new Error('The browser is not up.');
    const visitor = await Visitor.at(browser, this.url, look);
    try {
      if (signedIn) await visitor.signIn(this.stack.operatorKey);
      await use(visitor);
    } finally {
      await visitor.close();
    }
  }
}
