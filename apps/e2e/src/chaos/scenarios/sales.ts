import { LEASE_TERMS } from '@tallyward/domain';
import { until } from '@tallyward/testing';
import { LOADS } from '../../sale/loads';
import { overrunsOf } from '../../storage/stored-counters';
import { Sale, type SaleResult, type SaleTerms } from '../../sale/sale';
import type { Fleet } from '../fleet';
import { Row } from '../row';
import type { Scenario } from './scenario';

const BUYERS = 2_000;
/** What is broken is broken when so much is sold or held: in the middle of the burst. */
const BREAKS_AT = 0.1;
const BREAKS_WITHIN_MS = 60_000;
/** Of calls in a sale that something breaks into. */
const HOLD_S = 15;
const MARGIN_MS = 60_000;
/** A dead gateway strands its leases until their deadlines have passed: then they are sold too. */
const STRANDED_MS = LEASE_TERMS.farMs + HOLD_S * 1_000 + MARGIN_MS;
const BROKEN_MS = 180_000;

type Terms = Pick<SaleTerms, 'unit' | 'amount' | 'pick'>;
const CALLS = { unit: 'calls', amount: 100 } as const;
const TOKENS = { unit: 'tokens', amount: 50_000 } as const;

type Break = (fleet: Fleet) => Promise<void>;

const killsGateway: Break = async (fleet) => {
  fleet.member('gateway-1').kill();
  await fleet.member('gateway-1').back();
};

const BREAKS: Readonly<Record<string, Break>> = {
  'kill-gateway': killsGateway,
  'kill-entitlement': async (fleet) => {
    fleet.member('entitlement').kill();
    await fleet.member('entitlement').back();
  },
  'restart-kafka': async ({ bed }) => {
    bed.kill('kafka');
    await bed.serves('kafka');
  },
};

/** A burst on one limit at two gateways: never over, and sold to the last unit. */
export const SALES: readonly Scenario[] = [
  sale('sell.calls-even', { ...CALLS, pick: LOADS.even }),
  sale('sell.calls-tilted', { ...CALLS, pick: LOADS.tilted }),
  sale('sell.tokens-tilted', { ...TOKENS, pick: LOADS.tilted }),
  sale('sell.tokens-swinging', { ...TOKENS, pick: LOADS.swinging }),
  ...Object.entries(BREAKS).flatMap(([name, breaks]) => [
    sale(`sell.calls.${name}`, { ...CALLS, pick: LOADS.tilted }, breaks),
    sale(`sell.tokens.${name}`, { ...TOKENS, pick: LOADS.swinging }, breaks),
  ]),
];

function sale(name: string, terms: Terms, breaks?: Break): Scenario {
  return {
    name,
    mayRefuse: breaks !== undefined,
    run: (around) =>
      Row.carryOut({ ...around, name }, async (row) => {
        row.start();
        row.sold(await sell(row, around.seed, { name, ...terms }, breaks));
      }),
  };
}

function sell(
  { fleet, load }: Row,
  seed: number,
  terms: Terms & { readonly name: string },
  breaks?: Break,
): Promise<SaleResult> {
  const [demo] = fleet.projects;
  const place = {
    gateways: fleet.gateways,
    key: demo?.key ?? '',
    // The usage beside the sale would move the end that the folds are to reach.
    folded: () => load.finish().then(() => fleet.folded()),
    overruns: (customer: string) => overrunsOf(fleet.bed.postgres.admin, customer),
  };
  const withinMs = breaks === killsGateway ? STRANDED_MS : BROKEN_MS;
  const more = { ttlSeconds: breaks ? HOLD_S : 300, withinMs };
  return Sale.open(place, { ...terms, ...more, seed, buyers: BUYERS }, async ({ till }) => {
    if (!breaks) return;
    await until(() => Promise.resolve(till.most >= terms.amount * BREAKS_AT), {
      what: 'a tenth of the amount to be sold or held',
      withinMs: BREAKS_WITHIN_MS,
    });
    await breaks(fleet);
  });
}
