import { SegmentedControl, Stack } from '@mantine/core';
import type { DecisionRecorded } from '@tallyward/contracts';
import { useInfiniteQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { path } from '../../api/call';
import { pagedQuery } from '../../api/paged';
import { Paged } from '../../ui/paged';
import { Empty } from '../../ui/states/empty';
import { DecisionLine, LISTED_WORDS } from './decision-line';
import { OUTCOMES_SHOWN, type DecisionsSearch } from './decisions-search';

const route = getRouteApi('/signed/customers/$customer/decisions');

const decisionsQuery = (customer: string, { outcome }: DecisionsSearch) =>
  pagedQuery<DecisionRecorded>(path`/v1/customers/${customer}/decisions`, { outcome }, [
    'decisions',
  ]);

/** Every answer but a plain allow, each explained: the limit, its tier, the numbers, the holds. */
export function DecisionsTab() {
  const { customer } = route.useParams();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const decisions = useInfiniteQuery(decisionsQuery(customer, search));
  return (
    <Stack mt="md">
      <SegmentedControl
        aria-label="Outcome"
        size="xs"
        style={{ alignSelf: 'flex-start' }}
        value={search.outcome ?? 'all'}
        data={[
          { value: 'all', label: 'All' },
          ...OUTCOMES_SHOWN.map((value) => ({ value, label: LISTED_WORDS[value] })),
        ]}
        onChange={(chosen) => {
          const outcome = OUTCOMES_SHOWN.find((one) => one === chosen);
          void navigate({ search: (now) => ({ ...now, outcome }), replace: true });
        }}
      />
      <Paged
        what="decisions"
        query={decisions}
        scope="read"
        empty={
          <Empty
            title="No such decision"
            next="A call that is blocked, throttled, rerouted or passes a limit as overage stands here with the reason."
          />
        }
      >
        {(rows) => (
          <Stack gap={0} component="ol" p={0} m={0} style={{ listStyle: 'none' }}>
            {rows.map((decision) => (
              <DecisionLine key={decision.decisionId} decision={decision} />
            ))}
          </Stack>
        )}
      </Paged>
    </Stack>
  );
}
