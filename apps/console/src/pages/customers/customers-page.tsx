import { Group, SegmentedControl, Text, TextInput } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { IconSearch } from '@tabler/icons-react';
import { keepPreviousData, useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import { customersQuery } from '../../api/customers';
import { tiersQuery } from '../../api/tiers';
import type { UsageWanted } from '../../api/usage';
import { fullNumber } from '../../ui/figures';
import { ButtonLink } from '../../ui/link';
import { Page } from '../../ui/page';
import { DataTable } from '../../ui/data-table';
import { Answered } from '../../ui/states/answered';
import { Empty } from '../../ui/states/empty';
import { useTimeZone } from '../../ui/time-zone';
import { useMinute } from '../../ui/use-minute';
import { Migrate } from '../tier/migrate';
import { COLUMNS } from './columns';
import type { CustomersSearch } from './customers-search';
import { rowsOf, type CustomerRow } from './rows';
import { TierGroups } from './tier-groups';
import { weekOf } from './week';
import { ShownWeek } from './week-cell';

const route = getRouteApi('/signed/customers');
const TYPED_MS = 200;

/** Every customer, grouped by usage tier, with bars of its limits. */
export function CustomersPage() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const tiers = useQuery(tiersQuery);
  const filter = (part: CustomersSearch): void =>
    void navigate({ search: (now) => ({ ...now, ...part }), replace: true });
  const { tier, version } = search;
  return (
    <Page
      title="Customers"
      about="Whoever is metered. A customer comes with its first call, on the default tier."
      actions={
        tier && version ? (
          <>
            <ButtonLink
              to="/tiers/$name/versions/$version"
              params={{ name: tier, version }}
              variant="default"
            >
              This tier
            </ButtonLink>
            <Migrate from={{ name: tier, version }} />
          </>
        ) : null
      }
    >
      <Answered what="usage tiers" query={tiers}>
        {(versions) => (
          <TierGroups
            versions={versions}
            chosen={search}
            choose={(name, number) => filter({ tier: name, version: number })}
          />
        )}
      </Answered>
      <Filters search={search} filter={filter} />
      <CustomerList search={search} />
    </Page>
  );
}

interface FiltersProps {
  readonly search: CustomersSearch;
  readonly filter: (part: CustomersSearch) => void;
}

function Filters({ search, filter }: FiltersProps) {
  const [typed, setTyped] = useState(search.q ?? '');
  const seek = useDebouncedCallback((q: string) => filter({ q: q || undefined }), TYPED_MS);
  return (
    <Group gap="sm">
      <TextInput
        aria-label="Search by id or name"
        placeholder="Search by id or name"
        leftSection={<IconSearch size={16} aria-hidden />}
        value={typed}
        onChange={({ currentTarget }) => {
          setTyped(currentTarget.value);
          seek(currentTarget.value);
        }}
        w={280}
        maxLength={128}
      />
      <SegmentedControl
        aria-label="How full"
        value={String(search.near ?? 'all')}
        data={[
          { value: 'all', label: 'All' },
          { value: '80', label: 'Near a limit (80%)' },
          { value: '100', label: 'At or over' },
        ]}
        onChange={(value) =>
          filter({ near: value === 'all' ? undefined : (Number(value) as 80 | 100) })
        }
      />
    </Group>
  );
}

/** The same object all day long. */
function useWeek(): UsageWanted {
  const { timeZone } = useTimeZone();
  const text = JSON.stringify(weekOf(useMinute(), timeZone));
  return useMemo(() => JSON.parse(text) as UsageWanted, [text]);
}

const idOf = ({ customer }: CustomerRow): string => customer;

function CustomerList({ search }: { search: CustomersSearch }) {
  const { tier, version, near, q } = search;
  const list = useInfiniteQuery({
    ...customersQuery({ tier, version, near, q }),
    placeholderData: keepPreviousData,
  });
  const pages = list.data?.pages;
  const week = useWeek();
  const rows = useMemo(() => pages?.flatMap(rowsOf) ?? [], [pages]);
  const isFiltered = tier !== undefined || near !== undefined || q !== undefined;
  return (
    <Answered what="customers" query={list}>
      {() => {
        if (rows.length === 0 && !list.hasNextPage) {
          return isFiltered ? (
            <Empty title="Nobody fits" next="Take a filter away, or search for less." />
          ) : (
            <Empty
              title="No customers yet"
              next="A customer appears with its first call: POST /v1/decisions or POST /v1/events from your app, with the customer’s id."
            />
          );
        }
        return (
          <>
            <Text size="sm" className="tw-quiet" aria-live="polite">
              {fullNumber(rows.length)}
              {list.hasNextPage ? ' so far; more come as you scroll' : ' shown, and that is all'}
            </Text>
            <ShownWeek value={week}>
              <DataTable
                label="Customers"
                rows={rows}
                columns={COLUMNS}
                rowId={idOf}
                hasMore={list.hasNextPage}
                isLoadingMore={list.isFetchingNextPage}
                more={list.fetchNextPage}
              />
            </ShownWeek>
          </>
        );
      }}
    </Answered>
  );
}
