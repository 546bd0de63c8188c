import { Badge, Text } from '@mantine/core';
import type { ListedCustomer } from '../../api/customers';
import type { TrackedColumn } from '../../ui/data-table';
import { AnchorLink } from '../../ui/link';
import { LimitBars } from './limit-bars';

export const COLUMNS: readonly TrackedColumn<ListedCustomer>[] = [
  {
    id: 'customer',
    header: 'Customer',
    track: 'minmax(0, 2fr)',
    cell: ({ row: { original } }) => (
      <>
        <AnchorLink to="/customers/$customer" params={{ customer: original.customer }} fw={600}>
          {original.name ?? original.customer}
        </AnchorLink>
        {original.disabled && (
          <Badge ml="xs" size="sm" color="red" variant="light" tt="none">
            switched off
          </Badge>
        )}
        {original.name && (
          <Text size="xs" className="tw-quiet" truncate>
            {original.customer}
          </Text>
        )}
      </>
    ),
  },
  {
    id: 'tier',
    header: 'Usage tier',
    track: 'minmax(0, 2fr)',
    cell: ({ row: { original } }) => {
      const next = original.nextTiers[0];
      return (
        <>
          <Text size="sm">
            {original.tier.name} <span className="tw-quiet">v{original.tier.version}</span>
          </Text>
          {next && (
            <Text size="xs" className="tw-quiet">
              then {next.name} v{next.version}
            </Text>
          )}
        </>
      );
    },
  },
  {
    id: 'limits',
    header: 'Used, of each limit; the fullest first',
    track: 'minmax(0, 6fr)',
    cell: ({ row: { original } }) => <LimitBars limits={original.limits} />,
  },
];
