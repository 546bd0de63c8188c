/// <reference lib="dom" />
import type { CDPSession, Page } from 'playwright-core';

/** What the browser does not report took less than this: event timing's own floor. */
export const SHORTEST_MS = 16;
const SHOWN_WITHIN_MS = 60_000;

/** Kept in the page, by its own clock (ms since it was opened). */
interface Watched {
  /** When the last key, click or wheel came. */
  input: number;
  /** From each key or click until the frame that shows its effect. */
  interactions: { at: number; ms: number }[];
  /** What kept the page from answering for more than 50 ms. */
  tasks: { at: number; ms: number }[];
  frames: { at: number; ms: number }[];
}
declare global {
  var tallywardWatched: Watched;
}

/** One interaction as a person meets it, ms. */
export interface Took {
  /** The longest of its keys and clicks until the page had answered: interaction to next paint. */
  readonly paint: number;
  /** From the last of them until the second frame with what was asked for. */
  readonly shown: number;
  /** The longest that the page was busy meanwhile; 0: never over 50. */
  readonly busy: number;
  /** The longest without a new frame. */
  readonly frame: number;
  /** Processor time of the page's main thread, which no other process adds to. */
  readonly processor: number;
}

/** Times what is done to the customers page, in the browser and by the browser's clock. */
export class Watch {
  private inspected: CDPSession | undefined;

  constructor(private readonly page: Page) {}

  /** Before the first page is opened. */
  async install(): Promise<void> {
    await this.page.context().addInitScript(watch);
    this.inspected = await this.page.context().newCDPSession(this.page);
    await this.inspected.send('Performance.enable', { timeDomain: 'threadTicks' });
  }

  /** Of the main thread so far, ms. */
  private async processor(): Promise<number> {
    const { metrics = [] } = (await this.inspected?.send('Performance.getMetrics')) ?? {};
    return 1_000 * (metrics.find(({ name }) => name === 'TaskDuration')?.value ?? NaN);
  }

  /** `act` is over when the list shows what is wanted. */
  async timed(act: () => Promise<void>, wanted: Wanted): Promise<Took> {
    const before = await this.processor();
    const begun = await this.page.evaluate(() => performance.now());
    await act();
    const at = await this.shown(wanted);
    const seen = await this.page.evaluate(taken, { begun, at, shortest: SHORTEST_MS });
    return { ...seen, processor: (await this.processor()) - before };
  }

  /** When the second frame with it came, ms since the page was opened. */
  async shown(wanted: Wanted): Promise<number> {
    const options = { polling: 'raf', timeout: SHOWN_WITHIN_MS } as const;
    const seen = await this.page.waitForFunction(isShown, wanted, options);
    return Number(await seen.jsonValue());
  }
}

/** What stands in the list once the interaction is done. */
export interface Wanted {
  /** The customers of its first rows. */
  readonly first?: readonly string[];
  /** So many rows are drawn, at least. */
  readonly fewest?: number;
  /** The page is scrolled so many pixels down, at least. */
  readonly below?: number;
}

/** In the page: keeps what the browser tells of its own slowness. */
function watch(): void {
  const watched: Watched = { input: 0, interactions: [], tasks: [], frames: [] };
  globalThis.tallywardWatched = watched;
  const kept = (type: string, keep: (entry: PerformanceEntry) => void, more = {}): void => {
    new PerformanceObserver((list) => list.getEntries().forEach(keep)).observe({
      type,
      buffered: true,
      ...more,
    });
  };
  const isOne = (entry: PerformanceEntry): boolean =>
    Boolean((entry as { interactionId?: number }).interactionId);
  kept(
    'event',
    (entry) => {
      const { startTime: at, duration: ms } = entry;
      if (isOne(entry)) watched.interactions.push({ at, ms });
    },
    { durationThreshold: 16 },
  );
  kept('longtask', ({ startTime: at, duration: ms }) => watched.tasks.push({ at, ms }));
  for (const name of ['keydown', 'pointerup', 'wheel']) {
    addEventListener(name, ({ timeStamp }) => (watched.input = timeStamp), { capture: true });
  }
  let before = performance.now();
  const frame = (now: number): void => {
    watched.frames.push({ at: now, ms: now - before });
    before = now;
    requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);
}

/** In the page, each frame: false, or when the second frame with it came (ms). */
function isShown({ first = [], fewest = 1, below = 0 }: Wanted): number | false {
  const rows = Array.from(document.querySelectorAll('[role="table"] [data-index]'));
  const names = rows.map((row) => row.querySelector('a')?.textContent ?? '');
  const state = globalThis as { tallywardSince?: number | undefined };
  const isThere =
    first.every((customer, at) => names[at] === customer) &&
    names.filter((name) => name !== '').length >= fewest &&
    window.scrollY >= below;
  if (!isThere) {
    state.tallywardSince = undefined;
    return false;
  }
  if (state.tallywardSince === undefined) {
    state.tallywardSince = performance.now();
    return false;
  }
  state.tallywardSince = undefined;
  return performance.now();
}

async function taken({
  begun,
  at,
  shortest,
}: {
  begun: number;
  at: number;
  shortest: number;
}): Promise<Omit<Took, 'processor'>> {
  // The browser tells of an interaction once its frame was shown.
  await new Promise((done) => requestIdleCallback(done));
  const { input, interactions, tasks, frames } = globalThis.tallywardWatched;
  const longest = (of: readonly { at: number; ms: number }[], least: number): number =>
    of.filter((one) => one.at >= begun).reduce((most, { ms }) => Math.max(most, ms), least);
  return {
    paint: longest(interactions, shortest),
    shown: at - input,
    busy: longest(tasks, 0),
    frame: longest(frames, 0),
  };
}
