import { type Service, untilSeen } from '@tallyward/testing';

/** An operator must know of a consumer that stands still after at most this long. */
export const VISIBLE_WITHIN_MS = 15_000;
/** Without anybody's help, once the cause is gone. */
export const RECOVERED_WITHIN_MS = 60_000;
const LOOK_DEADLINE_MS = 5_000;
const LOOK_EVERY_MS = 250;

export interface Seen {
  readonly status: number;
  /** What /readyz calls not ready, and why. */
  readonly faults: Readonly<Record<string, string>>;
  /** The largest value of each metric asked for, over all labels; absent: nobody tells it. */
  readonly metrics: Readonly<Record<string, number>>;
}

/** What an operator sees of a service: /readyz and /metrics. */
export async function seenOf(service: Service, metrics: readonly string[] = []): Promise<Seen> {
  const signal = AbortSignal.timeout(LOOK_DEADLINE_MS);
  const [ready, text] = await Promise.all([
    fetch(`${service.url}/readyz`, { signal }),
    fetch(`${service.url}/metrics`, { signal }).then((answer) => answer.text()),
  ]);
  const body = (await ready.json()) as { errors?: { code: string; detail: string }[] };
  const faults = (body.errors ?? []).map(({ code, detail }) => [code, detail] as const);
  const told = metrics.flatMap((name) => {
    const value = largest(text, name);
    return value === undefined ? [] : [[name, value] as const];
  });
  return {
    status: ready.status,
    faults: Object.fromEntries(faults),
    metrics: Object.fromEntries(told),
  };
}

function largest(text: string, name: string): number | undefined {
  const values = text
    .split('\n')
    .filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `))
    .map((line) => Number(line.slice(line.lastIndexOf(' ') + 1)));
  return values.length === 0 ? undefined : Math.max(...values);
}

export interface Sign {
  /** The check of /readyz that must fail, and a metric that must be above its bound. */
  readonly check: string;
  readonly metric: string;
  readonly above: number;
}

/** Resolves when readiness and metric both say it; prints how long that took. */
export async function showsWithin(what: string, service: Service, sign: Sign): Promise<Seen> {
  const { check, metric, above } = sign;
  const from = performance.now();
  const seen = await untilSeen(
    () => seenOf(service, [metric]),
    ({ status, faults, metrics }) =>
      status === 503 && check in faults && (metrics[metric] ?? -1) > above,
    { what: `${what} to show`, withinMs: VISIBLE_WITHIN_MS, everyMs: LOOK_EVERY_MS },
  );
  const took = ((performance.now() - from) / 1_000).toFixed(1);
  process.stdout.write(`${what}: visible after ${took} s: ${seen.faults[check]}\n`);
  return seen;
}

/** Resolves when the service is ready again; prints how long that took. */
export async function recovers(what: string, service: Service): Promise<void> {
  const from = performance.now();
  await untilSeen(
    () => seenOf(service),
    ({ status }) => status === 200,
    { what: `${what} to recover`, withinMs: RECOVERED_WITHIN_MS, everyMs: LOOK_EVERY_MS },
  );
  const took = ((performance.now() - from) / 1_000).toFixed(1);
  process.stdout.write(`${what}: recovered after ${took} s\n`);
}
