import { Button, Group, Paper, Stack, Text, Title } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useState } from 'react';
import type { Customer, Entitlements, LimitState, TierLimit } from '@tallyward/contracts';
import { customerQuery, entitlementsQuery } from '../../api/customers';
import { tierQuery } from '../../api/tiers';
import { useDataAsOf } from '../../ui/as-of';
import { Instant } from '../../ui/instant';
import { AnchorLink } from '../../ui/link';
import { Answered } from '../../ui/states/answered';
import { Empty } from '../../ui/states/empty';
import { limitId } from '../../ui/words';
import { share } from '../customers/by-fullness';
import { BurnUpChart } from './burn-up-chart';
import { ChangeTier } from './change-tier';
import { LimitCalls } from './limit-calls';
import { LimitCard } from './limit-card';
import classes from './limits-tab.module.css';
import { Replenish } from './replenish';

const route = getRouteApi('/signed/customers/$customer/');
const idOf = (limit: LimitState): string => limitId(limit) + limit.scopeValue;

/** USAGE & LIMITS: what the customer has, what is used of it, and where its pace leads. */
export function LimitsTab() {
  const { customer } = route.useParams();
  const found = useQuery(customerQuery(customer));
  const entitled = useQuery(entitlementsQuery(customer));
  useDataAsOf(entitled.data?.asOf);
  return (
    <Answered what="usage and limits" query={entitled} scope="read">
      {(data) => (
        <Stack gap="lg" mt="md">
          {found.data && <TierCard customer={found.data} limits={data.limits} />}
          <Limits entitled={data} />
        </Stack>
      )}
    </Answered>
  );
}

function Limits({ entitled }: { entitled: Entitlements }) {
  const [chosen, choose] = useState<string | null>(null);
  const rules = useRules(entitled);
  const limits = [...entitled.limits].sort((one, other) => share(other) - share(one));
  const selected = limits.find((limit) => idOf(limit) === chosen) ?? limits[0];
  if (!selected) {
    return (
      <Empty
        title="This tier limits nothing"
        next="Every call is allowed, and counted. Change the tier to set limits."
      />
    );
  }
  return (
    <>
      <BurnUpChart customer={entitled.customer} limit={selected} asOf={entitled.asOf} />
      <div className={classes.cards}>
        {limits.map((limit) => (
          <LimitCard
            key={idOf(limit)}
            limit={limit}
            rule={rules.get(limitId(limit))}
            asOf={entitled.asOf}
            isChosen={limit === selected}
            choose={() => choose(idOf(limit))}
          />
        ))}
      </div>
      <LimitCalls customer={entitled.customer} limit={selected} />
    </>
  );
}

/** The limits as the tier has them, which say how each is replenished; none while it is unknown. */
function useRules({ tier }: Entitlements): ReadonlyMap<string, TierLimit> {
  const found = useQuery(tierQuery(tier.name, tier.version));
  return new Map(found.data?.limits.map((limit) => [limitId(limit), limit]));
}

interface TierCardProps {
  readonly customer: Customer;
  readonly limits: readonly LimitState[];
}

/** Which tier and version the customer is on, what is to come, and what can be done about it. */
function TierCard({ customer, limits }: TierCardProps) {
  const { tier, nextTiers } = customer;
  const [changing, change] = useDisclosure();
  const [giving, give] = useDisclosure();
  return (
    <Paper withBorder px="md" py="sm">
      <Group justify="space-between">
        <div>
          <Title order={2} size="h6" className="tw-quiet">
            Usage tier
          </Title>
          <AnchorLink
            to="/tiers/$name/versions/$version"
            params={{ name: tier.name, version: tier.version }}
          >
            {tier.name}, version {tier.version}
          </AnchorLink>
          {nextTiers.map((next) => (
            <Text size="sm" key={next.from}>
              from <Instant at={next.from} />: {next.name}, version {next.version}
              {next.carryUsage ? '' : ', counting from zero'}
            </Text>
          ))}
        </div>
        <Group gap="xs">
          <Button variant="default" onClick={give.open} disabled={limits.length === 0}>
            Replenish
          </Button>
          <Button onClick={change.open}>Change tier</Button>
        </Group>
      </Group>
      {changing && <ChangeTier customer={customer} close={change.close} />}
      {giving && <Replenish customer={customer.customer} limits={limits} close={give.close} />}
    </Paper>
  );
}
