/// <reference lib="dom" />
import type { Visitor } from './browser.builder';
import { Watch, type Took, type Wanted } from './ten-thousand-watch.builder';
import type { TenThousand } from './ten-thousand.builder';

const SOUGHT = '0042';
const TYPED_EVERY_MS = 90;
const WHEELS = 20;
const WHEEL_PX = 700;
const WHEEL_EVERY_MS = 40;
/** Rows a page of the list has. */
const PAGE = 100;
const END_WITHIN_MS = 300_000;

/** All of the list was reached. */
export interface Reached {
  readonly ms: number;
  readonly pages: number;
  /** Most rows that the document had at once. */
  readonly drawn: number;
  readonly busy: number;
}

/** The page Customers as a person uses it; each act is timed, and ends when its answer shows. */
export class CustomersScreen {
  private readonly watch: Watch;

  constructor(
    private readonly visitor: Visitor,
    private readonly people: TenThousand,
  ) {
    this.watch = new Watch(visitor.page);
  }

  install(): Promise<void> {
    return this.watch.install();
  }

  /** ms from the address until the first rows. */
  async open(): Promise<number> {
    const { url } = this.visitor;
    await this.visitor.page.goto(new URL('/customers', url).href, { waitUntil: 'commit' });
    return this.watch.shown(this.startsWith(this.people.all));
  }

  async search(): Promise<Took> {
    const { page } = this.visitor;
    await page.getByLabel('Search by id or name').focus();
    const act = (): Promise<void> => page.keyboard.type(SOUGHT, { delay: TYPED_EVERY_MS });
    return this.watch.timed(act, this.startsWith(this.people.named(SOUGHT)));
  }

  async clear(): Promise<Took> {
    const { page } = this.visitor;
    await page.getByLabel('Search by id or name').focus();
    const act = async (): Promise<void> => {
      for (let at = 0; at < SOUGHT.length; at += 1) await page.keyboard.press('Backspace');
    };
    return this.watch.timed(act, this.startsWith(this.people.all));
  }

  readonly near = (): Promise<Took> => this.pick('Near a limit (80%)', this.people.near);
  readonly over = (): Promise<Took> => this.pick('At or over', this.people.over);
  readonly everybody = (): Promise<Took> => this.pick('All', this.people.all);

  secondTier(): Promise<Took> {
    return this.press(/^Professional/, this.people.professional);
  }

  everyTier(): Promise<Took> {
    return this.press(/^Every tier/, this.people.all);
  }

  async wheel(): Promise<Took> {
    const { page } = this.visitor;
    await page.mouse.move(700, 600);
    const act = async (): Promise<void> => {
      for (let at = 0; at < WHEELS; at += 1) {
        await page.mouse.wheel(0, WHEEL_PX);
        await page.waitForTimeout(WHEEL_EVERY_MS);
      }
    };
    return this.watch.timed(act, { below: (WHEELS * WHEEL_PX) / 2 });
  }

  top(): Promise<Took> {
    const { page } = this.visitor;
    const act = async (): Promise<void> => {
      await page.locator('body').press('Home');
    };
    return this.watch.timed(act, this.startsWith(this.people.all));
  }

  /** Scrolls until the last of all customers is drawn. */
  async end(): Promise<Reached> {
    const last = this.people.all.at(-1) ?? '';
    const found = await this.visitor.page.evaluate(scrollDown, { last, within: END_WITHIN_MS });
    return { ...found, pages: Math.ceil(this.people.count / PAGE) };
  }

  private pick(label: string, customers: readonly string[]): Promise<Took> {
    const control = this.visitor.page.getByRole('radiogroup', { name: 'How full' });
    const act = (): Promise<void> => control.getByText(label, { exact: true }).click();
    return this.watch.timed(act, this.startsWith(customers));
  }

  private press(name: RegExp, customers: readonly string[]): Promise<Took> {
    const card = this.visitor.page.getByRole('button', { name });
    return this.watch.timed(() => card.click(), this.startsWith(customers));
  }

  /** The first two tell each of the lists from the others. */
  private startsWith(customers: readonly string[]): Wanted {
    return { first: customers.slice(0, 2), fewest: Math.min(customers.length, 5) };
  }
}

/** In the page: to the end of what is there, again and again, until the last customer is drawn. */
async function scrollDown({ last, within }: { last: string; within: number }) {
  const begun = performance.now();
  let drawn = 0;
  const isThere = (): boolean => {
    const rows = Array.from(document.querySelectorAll('[role="table"] [data-index]'));
    drawn = Math.max(drawn, rows.length);
    return rows.some((row) => row.querySelector('a')?.textContent === last);
  };
  while (!isThere()) {
    if (performance.now() - begun > within) throw new Error(`${last} was not reached`);
    window.scrollTo(0, document.documentElement.scrollHeight);
    await new Promise((done) => requestAnimationFrame(done));
  }
  const tasks = globalThis.tallywardWatched.tasks.filter(({ at }) => at >= begun);
  const busy = tasks.reduce((most, { ms }) => Math.max(most, ms), 0);
  return { ms: performance.now() - begun, drawn, busy };
}
