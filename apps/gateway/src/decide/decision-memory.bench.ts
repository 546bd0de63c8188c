import {
  assertAtLeast,
  digits,
  EntitlementInMemory,
  type Bench,
  type BenchRun,
  type Figure,
} from '@tallyward/testing';
import { setImmediate, setTimeout } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { benchTier, ESTIMATE, limitsByCounter, TTL_S, USED } from './bench-calls.builder';
import { BenchGateway } from './bench-gateway.builder';

const CUSTOMERS = 100_000;
const QUICK_CUSTOMERS = 300;
/** Of the tier's four: a customer mostly calls one. */
const GROUP = 'standard';
/** Limits that a call of one group meets. */
const LEASES = 6;
const TELL_EVERY = 20_000;
const FREED_WITHIN_MS = 10_000;
const LOOK_EVERY_MS = 50;

/** What is in use after a collection of everything, bytes. */
async function heapBytes(collect: () => void): Promise<number> {
  await setImmediate(); // what waits for its turn holds on to what it is about
  collect();
  return process.memoryUsage().heapUsed;
}

function collector(): () => void {
  setFlagsFromString('--expose-gc');
  return runInNewContext('gc') as () => void;
}

/** Timers of a gateway's last calls hold on to it for a while: what it frees is seen after them. */
async function untilFreed(gateway: WeakRef<BenchGateway>, collect: () => void): Promise<void> {
  const until = Date.now() + FREED_WITHIN_MS;
  await heapBytes(collect);
  while (gateway.deref()) {
    if (Date.now() > until) throw new Error(`the gateway is in memory ${FREED_WITHIN_MS} ms later`);
    await setTimeout(LOOK_EVERY_MS);
    await heapBytes(collect);
  }
}

async function callOnce(gateway: BenchGateway, customer: string): Promise<void> {
  const request = { customer, model: GROUP, estimate: ESTIMATE, hold: true, ttlSeconds: TTL_S };
  const { holdId } = await gateway.decide(request);
  if (holdId === null) throw new Error(`${customer} has no hold`);
  gateway.settle(holdId, USED);
}

async function measure(run: BenchRun): Promise<readonly Figure[]> {
  const customers = run.quick ? QUICK_CUSTOMERS : CUSTOMERS;
  const collect = collector();
  const limits = benchTier();
  const entitlement = new EntitlementInMemory(limitsByCounter(limits));
  let gateway: BenchGateway | null = new BenchGateway(limits, entitlement, 0);
  const empty = await heapBytes(collect);
  for (let n = 0; n < customers; n += 1) gateway.knows(`customer-${n}`);
  const known = await heapBytes(collect);
  for (let n = 0; n < customers; n += 1) {
    await callOnce(gateway, `customer-${n}`);
    if ((n + 1) % TELL_EVERY === 0) run.tell(`${digits(n + 1)} customers have called`);
  }
  gateway.sweep();
  // More of them where a minute is about to end: its next one is asked for ahead.
  assertAtLeast('leases in hand', gateway.leases.leasesInHand, customers * LEASES);
  const all = await heapBytes(collect);
  const freed = untilFreed(new WeakRef(gateway), collect);
  gateway = null;
  await freed;
  // Entitlement in memory is in the same heap, and stays: what goes is the gateway's.
  const bytes = (all - (await heapBytes(collect))) / customers;
  assertAtLeast('asks', entitlement.asked, customers);
  const snapshot = (known - empty) / customers;
  return [
    {
      what: `one of ${digits(customers)} customers in a gateway's memory`,
      ours: `${digits(bytes)} bytes`,
      notes: [
        `${digits(snapshot)} bytes of them are its snapshot; the rest is ${LEASES} leases in hand ` +
          'with their limits, after one call of one model group',
        `${digits((bytes * customers) / 1e6)} MB in all`,
      ],
      numbers: { bytesPerCustomer: bytes, bytesPerSnapshot: snapshot },
    },
  ];
}

export const benches: readonly Bench[] = [
  {
    name: 'decision-memory',
    about: 'what a gateway keeps of each of 100,000 customers: snapshot, and leases in hand',
    run: measure,
  },
];
