import { Badge } from '@mantine/core';
import type { TrackedColumn } from '../../ui/data-table';
import { AnchorLink } from '../../ui/link';
import classes from './columns.module.css';
import { LimitBars } from './limit-bars';
import type { CustomerRow } from './rows';
import { WeekCell } from './week-cell';

export const COLUMNS: readonly TrackedColumn<CustomerRow>[] = [
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
        {original.name && <div className={classes.beside}>{original.customer}</div>}
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
          <div className={classes.tier}>
            {original.tier.name} <span className="tw-quiet">v{original.tier.version}</span>
          </div>
          {next && (
            <div className={classes.beside}>
              then {next.name} v{next.version}
            </div>
          )}
        </>
      );
    },
  },
  {
    id: 'week',
    header: 'Last 7 days',
    track: 'minmax(0, 2fr)',
    cell: ({ row: { original } }) => <WeekCell customer={original} />,
  },
  {
    id: 'limits',
    header: 'Used, of each limit; the fullest first',
    track: 'minmax(0, 6fr)',
    cell: ({ row: { original } }) => <LimitBars limits={original.limits} />,
  },
];
