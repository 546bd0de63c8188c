import { withoutAddresses } from './without-addresses';

/** How long one readiness check may take; beyond, it counts as not ready. */
export const READINESS_DEADLINE_MS = 2_000;

/** `detail` is shown to whoever asks, without addresses: what is away, never a credential. */
export type ReadinessAnswer = { readonly ok: boolean; readonly detail?: string };
export type ReadinessCheck = () => Promise<ReadinessAnswer> | ReadinessAnswer;
export type ReadinessResult = { readonly name: string } & ReadinessAnswer;

/**
 * What must be well for this service to take requests, and which of its consumers stands still.
 * Inject it, and add a check by name.
 */
export class Readiness {
  private readonly checks = new Map<string, ReadinessCheck>();
  /** Checks that have not answered yet: they are waited for anew, never asked a second time. */
  private readonly asked = new Map<string, Promise<ReadinessAnswer>>();
  private draining = false;
  private running: Promise<ReadinessResult[]> | undefined;

  add(name: string, check: ReadinessCheck): void {
    this.checks.set(name, check);
  }

  /** From now on not ready: the service is stopping. */
  drain(): void {
    this.draining = true;
  }

  /** Every check's answer; requests that come meanwhile share one run. */
  results(): Promise<ReadinessResult[]> {
    this.running ??= this.run().finally(() => {
      this.running = undefined;
    });
    return this.running;
  }

  private async run(): Promise<ReadinessResult[]> {
    const results = await Promise.all(
      [...this.checks].map(async ([name, check]) => ({
        name,
        ...(await answerOf(this.ask(name, check))),
      })),
    );
    if (this.draining) results.push({ name: 'running', ok: false, detail: 'stopping' });
    return results;
  }

  /** A dependency that hangs holds one connection, however often somebody asks. */
  private ask(name: string, check: ReadinessCheck): Promise<ReadinessAnswer> {
    const before = this.asked.get(name);
    if (before) return before;
    const asked = Promise.resolve()
      .then(check)
      .finally(() => this.asked.delete(name));
    this.asked.set(name, asked);
    return asked;
  }
}

async function answerOf(asked: Promise<ReadinessAnswer>): Promise<ReadinessAnswer> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<ReadinessAnswer>((resolve) => {
    const detail = `no answer in ${READINESS_DEADLINE_MS} ms`;
    timer = setTimeout(() => resolve({ ok: false, detail }), READINESS_DEADLINE_MS);
  });
  try {
    const { ok, detail } = await Promise.race([asked, late]);
    return detail === undefined ? { ok } : { ok, detail: withoutAddresses(detail) };
  } catch {
    // The error's own text may hold an address or a statement; the check's owner logs it.
    return { ok: false, detail: 'the check failed' };
  } finally {
    clearTimeout(timer);
  }
}
