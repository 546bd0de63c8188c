import { join } from 'node:path';
import { runCommand } from '../commands/run-command';
import { CHECKOUT } from '../engines';
import { watchFolds } from '../folds/behind';
import { DEMO_MODELS } from '../replay/demo-models';
import { replay, type ReplayResult } from '../replay/replay';
import { progress, type Progress } from '../terminal/progress';
import { digits } from '../terminal/table';
import { describeCounted, lacking, readCounted } from './counted';
import { readDemo, writeDemo, type DemoMarker } from './demo-marker';
import { DEMO_TIERS, makeTiers } from './demo-tiers';
import { GatewayApi } from './gateway-api';
import { serviceUrl, type Stack } from './services';

export const DEMO_TRACE = join(CHECKOUT, 'data/AzureLLMInferenceTrace_conv.csv');
const CUSTOMERS = 20;
const FOLDED_WITHIN_MS = 180_000;
const LOOK_EVERY_MS = 200;

export type Say = (line: string) => void;

/** Registers models and tiers, replays the trace, once; true when there was something to do. */
export async function demoOnce(stack: Stack, say: Say): Promise<boolean> {
  const { directory } = stack.settings;
  const before = readDemo(directory);
  if (before?.state === 'sent') return false;
  const begun: DemoMarker = { end: before?.end ?? Date.now(), state: 'begun' };
  const api = gatewayOf(stack);
  for (const [model, group] of DEMO_MODELS) {
    await api.call('PUT', `/v1/models/${encodeURIComponent(model)}`, { group });
  }
  say(`models: ${[...DEMO_MODELS].map(([model, group]) => `${model} (${group})`).join(', ')}`);
  const customers = Array.from({ length: CUSTOMERS }, (_, at) => `customer-${at}`);
  await makeTiers(api, customers);
  say(`tiers: ${DEMO_TIERS.map(({ name }) => name).join(', ')}; the customers have them in turn`);
  writeDemo(directory, begun);
  const result = await sendTrace(stack, begun.end, say);
  const { run, rows, accepted, inputTokens, outputTokens, firstTime, lastTime, named } = result;
  if (accepted !== rows) {
    const first = named[0];
    throw new Error(
      `the demo's trace was not taken whole: ${accepted} of ${rows} rows` +
        (first ? ` (line ${first.line}: ${first.code}: ${first.detail})` : ''),
    );
  }
  const sent = { run, rows, inputTokens, outputTokens, firstTime, lastTime };
  writeDemo(directory, { ...begun, ...sent, state: 'sent' });
  return true;
}

async function sendTrace(stack: Stack, end: number, say: Say): Promise<ReplayResult> {
  let shown: Progress | undefined;
  const api = gatewayOf(stack);
  const models = [...DEMO_MODELS.keys()];
  const options = { file: DEMO_TRACE, customers: CUSTOMERS, models, end, gateway: api.url };
  const result = await replay(
    { ...options, key: api.key },
    {
      planned(plan) {
        const span = `${plan.firstTime.slice(0, 16)} to ${plan.lastTime.slice(0, 16)} UTC`;
        say(`replaying ${digits(plan.rows)} real calls over ${CUSTOMERS} customers, ${span}`);
        shown = progress('sent', plan.rows);
      },
      progress: (rows) => shown?.at(rows),
    },
  ).finally(() => shown?.end());
  say(`sent run ${result.run} in ${result.seconds.toFixed(1)} s`);
  return result;
}

/** Waits for both folds, prints what was counted, reconciles; true when all agree. */
export async function verify(stack: Stack, say: Say): Promise<boolean> {
  await waitForFolds(stack, say);
  const demo = readDemo(stack.settings.directory);
  let whole = true;
  if (demo?.state === 'sent') {
    const counted = await readCounted(gatewayOf(stack), demo);
    say(`\n${describeCounted(counted)}\n`);
    const lack = lacking(counted, demo);
    if (lack) say(`NOT ALL COUNTED: ${lack}`);
    whole = lack === undefined;
  }
  return (await reconcile(stack, say)) && whole;
}

async function waitForFolds(stack: Stack, say: Say): Promise<void> {
  const { addresses, secrets, settings, env } = stack;
  const folds = watchFolds({
    brokers: addresses.brokers,
    topicPrefix: env.TALLYWARD_TOPIC_PREFIX,
    internalSecret: secrets.internal,
    entitlementUrl: serviceUrl(stack, settings.ports.entitlement),
    aggregatorUrl: serviceUrl(stack, settings.ports.aggregator),
  });
  const from = Date.now();
  let shown: Progress | undefined;
  try {
    const most = Math.max(...Object.values(await folds.look()));
    shown = progress('folded', most);
    for (;;) {
      const behind = await folds.look();
      const left = Math.max(...Object.values(behind));
      if (left === 0) break;
      shown.at(Math.max(0, most - left));
      if (Date.now() - from > FOLDED_WITHIN_MS) {
        throw new Error(`a fold stands still: entries left are ${JSON.stringify(behind)}`);
      }
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
    }
  } finally {
    shown?.end();
    await folds.close();
  }
  say(`both folds have reached the log's end after ${((Date.now() - from) / 1000).toFixed(1)} s`);
}

interface Side {
  readonly events: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
}

interface Reconciled {
  readonly equal: boolean;
  readonly behind?: string;
  readonly log?: Side;
  readonly differences?: readonly object[];
}

const MOST_SHOWN = 10;

async function reconcile(stack: Stack, say: Say): Promise<boolean> {
  const { code, stdout } = await runCommand(stack, 'reconcile', ['--json'], true);
  const result = JSON.parse(stdout || '{"equal":false}') as Reconciled;
  if (code === 0 && result.equal && result.log) {
    const { events, inputTokens, outputTokens } = result.log;
    say(
      `RECONCILED: log, totals (Postgres) and warehouse (ClickHouse) agree on ${digits(events)} ` +
        `calls, ${digits(inputTokens)} input and ${digits(outputTokens)} output tokens`,
    );
    return true;
  }
  say(`NOT RECONCILED${result.behind ? `: ${result.behind}` : ''} (exit code ${code})`);
  for (const difference of (result.differences ?? []).slice(0, MOST_SHOWN)) {
    say(`  ${JSON.stringify(difference)}`);
  }
  return false;
}

function gatewayOf(stack: Stack): GatewayApi {
  return new GatewayApi(serviceUrl(stack, stack.settings.ports.gateway), stack.operatorKey);
}
