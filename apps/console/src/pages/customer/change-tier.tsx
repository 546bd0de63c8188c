import { Select, Stack, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import type { Customer, TierReference } from '@tallyward/contracts';
import { limitOf } from '@tallyward/contracts';
import { limitKey } from '@tallyward/domain';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { changeTier } from '../../api/customers';
import { tierQuery, tiersQuery, type ListedVersion, type TierDifference } from '../../api/tiers';
import { Confirm } from '../../ui/confirm';
import { DifferenceTable } from '../tier/version-diff';
import { TermsFields } from '../tier/migrate-dialog';

interface ChangeTierProps {
  readonly customer: Customer;
  readonly close: () => void;
}

/** Another tier or version for one customer; shows each limit before and after, then asks. */
export function ChangeTier({ customer, close }: ChangeTierProps) {
  const { tier } = customer;
  const tiers = useQuery(tiersQuery);
  const present = useQuery(tierQuery(tier.name, tier.version));
  const [to, setTo] = useState<TierReference | null>(null);
  const [terms, setTerms] = useState({
    effective: 'now' as 'now' | 'nextWindow',
    carryUsage: true,
  });
  const client = useQueryClient();
  const changing = useMutation({
    mutationFn: (reason: string | null) =>
      changeTier(customer.customer, { ...(to as TierReference), ...terms, reason }),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ['customers'] });
      await client.invalidateQueries({ queryKey: ['tiers'] });
      notifications.show({ message: `${customer.customer} is changed` });
      close();
    },
  });
  const target = tiers.data?.find((each) => isSame(each, to));
  return (
    <Confirm
      title={`Change tier of ${customer.customer}`}
      opened
      close={close}
      action="Change tier"
      isReady={target !== undefined}
      consequence={consequenceOf(customer, target, terms)}
      isBusy={changing.isPending}
      error={changing.error}
      confirm={(reason) => changing.mutate(reason)}
    >
      <Stack>
        <Select
          label="Tier and version"
          placeholder="Which one"
          searchable
          data-autofocus
          data={(tiers.data ?? [])
            .filter((each) => !isSame(each, tier))
            .map(({ name, version, state }) => ({
              value: JSON.stringify({ name, version }),
              label: `${name}, version ${version}${state === 'draft' ? ' (draft)' : ''}`,
            }))}
          value={to && JSON.stringify({ name: to.name, version: to.version })}
          onChange={(value) => setTo(value ? (JSON.parse(value) as TierReference) : null)}
        />
        <TermsFields terms={terms} change={setTerms} />
        {target && present.data && (
          <div>
            <Text size="sm" fw={600}>
              Before → after
            </Text>
            <DifferenceTable difference={between(present.data, target)} />
          </div>
        )}
      </Stack>
    </Confirm>
  );
}

const isSame = (one: TierReference, other: TierReference | null): boolean =>
  one.name === other?.name && one.version === other.version;

/** Limits are matched by what they count, as the API does within one tier. */
function between(
  before: ListedVersion,
  after: ListedVersion,
): Pick<TierDifference, 'added' | 'removed' | 'changed'> {
  const key = (limit: ListedVersion['limits'][number]): string => limitKey(limitOf(limit));
  const left = new Map(before.limits.map((limit) => [key(limit), limit]));
  const added = after.limits.filter((limit) => !left.has(key(limit)));
  const changed = after.limits.flatMap((limit) => {
    const was = left.get(key(limit));
    left.delete(key(limit));
    return was && JSON.stringify(was) !== JSON.stringify(limit)
      ? [{ before: was, after: limit }]
      : [];
  });
  return { added, changed, removed: [...left.values()] };
}

function consequenceOf(
  { customer, tier }: Customer,
  target: ListedVersion | undefined,
  { effective, carryUsage }: { effective: 'now' | 'nextWindow'; carryUsage: boolean },
): string {
  if (!target) return 'Nothing yet: choose a tier.';
  const when =
    effective === 'now'
      ? 'From now on'
      : `When the longest window of ${tier.name} ends, and not before,`;
  const usage = carryUsage
    ? 'What it used in the present windows counts on.'
    : 'It starts from zero.';
  const freezes =
    target.state === 'draft'
      ? ` ${target.name}, version ${target.version}, is a draft: with its first customer it freezes for good.`
      : '';
  return `${when} ${customer} has the limits of ${target.name}, version ${target.version}. ${usage}${freezes}`;
}
