import type { GatewayApi } from './gateway-api';
import { digits, table } from '../terminal/table';
import type { DemoMarker } from './demo-marker';

const HOUR_MS = 3_600_000;

interface UsageRow {
  readonly customer: string;
  readonly calls: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly tokens: number;
}

export type Sums = Omit<UsageRow, 'customer'>;
const ZERO: Sums = { calls: 0, inputTokens: 0, outputTokens: 0, tokens: 0 };
const plus = (a: Sums, b: Sums): Sums => ({
  calls: a.calls + b.calls,
  inputTokens: a.inputTokens + b.inputTokens,
  outputTokens: a.outputTokens + b.outputTokens,
  tokens: a.tokens + b.tokens,
});

export interface Counted {
  readonly customers: ReadonlyMap<string, Sums>;
  readonly total: Sums;
}

/** What the reports say of the demo's hours, customer by customer. */
export async function readCounted(api: GatewayApi, demo: DemoMarker): Promise<Counted> {
  const from = new Date(floorHour(Date.parse(demo.firstTime ?? ''))).toISOString();
  const to = new Date(floorHour(Date.parse(demo.lastTime ?? '')) + HOUR_MS).toISOString();
  const query = `from=${from}&to=${to}&window=month&groupBy=customer`;
  const { data } = await api.call<{ data: UsageRow[] }>('GET', `/v1/usage?${query}`);
  const customers = new Map<string, Sums>();
  let total = ZERO;
  for (const row of data.filter((r) => r.calls > 0)) {
    customers.set(row.customer, plus(customers.get(row.customer) ?? ZERO, row));
    total = plus(total, row);
  }
  return { customers, total };
}

const floorHour = (ms: number): number => Math.floor(ms / HOUR_MS) * HOUR_MS;

const natural = new Intl.Collator('en', { numeric: true });

export function describeCounted({ customers, total }: Counted): string {
  const cells = (s: Sums) => [s.calls, s.inputTokens, s.outputTokens, s.tokens];
  const names = [...customers.keys()].sort(natural.compare);
  const rows = names.map((name) => [name, ...cells(customers.get(name) ?? ZERO)]);
  return table(
    ['customer', 'calls', 'input tokens', 'output tokens', 'tokens'],
    [...rows, ['total', ...cells(total)]],
  );
}

/** Undefined when the reports hold all that was sent in the demo, else what they lack. */
export function lacking(counted: Counted, demo: DemoMarker): string | undefined {
  const { calls, inputTokens, outputTokens } = counted.total;
  const sent = [demo.rows ?? 0, demo.inputTokens ?? 0, demo.outputTokens ?? 0];
  const got = [calls, inputTokens, outputTokens];
  if (got.every((n, i) => n >= (sent[i] ?? 0))) return undefined;
  const say = ([c = 0, i = 0, o = 0]: number[]): string =>
    `${digits(c)} calls, ${digits(i)} input and ${digits(o)} output tokens`;
  return `sent were ${say(sent)}, counted ${say(got)}`;
}
