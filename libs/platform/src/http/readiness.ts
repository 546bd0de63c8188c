/** How long one readiness check may take; beyond, it counts as not ready. */
export const READINESS_DEADLINE_MS = 2_000;

/** `detail` is shown to whoever asks: what is away, never an address or a credential. */
export type ReadinessAnswer = { readonly ok: boolean; readonly detail?: string };
export type ReadinessCheck = () => Promise<ReadinessAnswer> | ReadinessAnswer;
export type ReadinessResult = { readonly name: string } & ReadinessAnswer;

/** What must be well for this service to take requests. Inject it, and add a check by name. */
export class Readiness {
  private readonly checks = new Map<string, ReadinessCheck>();
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
      [...this.checks].map(async ([name, check]) => ({ name, ...(await answerOf(check)) })),
    );
    if (this.draining) results.push({ name: 'running', ok: false, detail: 'stopping' });
    return results;
  }
}

async function answerOf(check: ReadinessCheck): Promise<ReadinessAnswer> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<ReadinessAnswer>((resolve) => {
    const detail = `no answer in ${READINESS_DEADLINE_MS} ms`;
    timer = setTimeout(() => resolve({ ok: false, detail }), READINESS_DEADLINE_MS);
  });
  try {
    return await Promise.race([Promise.resolve().then(check), late]);
  } catch {
    // The error's own text may hold an address or a statement; the check's owner logs it.
    return { ok: false, detail: 'the check failed' };
  } finally {
    clearTimeout(timer);
  }
}
