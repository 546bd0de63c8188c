import { SegmentedControl, SimpleGrid, Stack, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { systemQuery } from '../../api/system';
import { useDataAsOf } from '../../ui/as-of';
import { Page } from '../../ui/page';
import { Answered } from '../../ui/states/answered';
import { useTimeZone } from '../../ui/time-zone';
import { Decided } from './decided';
import { NearLimits } from './near-limits';
import { decidedQuery, projectUsageQuery } from './overview-queries';
import { LOOKS_BACK, type LooksBack, USUAL_LOOK } from './overview-search';
import { Pipeline } from './pipeline';
import { LOOKS } from './span-of';
import { Used } from './used';

/** What went on: what was decided and used, who is near a limit, and whether both folds follow. */
export function OverviewPage() {
  const { last = USUAL_LOOK, unit = 'tokens' } = useSearch({ from: '/signed/overview' });
  const navigate = useNavigate({ from: '/overview' });
  const { timeZone } = useTimeZone();
  const decided = useQuery(decidedQuery(last, timeZone));
  const used = useQuery(projectUsageQuery(last, timeZone));
  const system = useQuery(systemQuery);
  useDataAsOf(used.data?.asOf ?? decided.data?.asOf);
  const { words, stepMs } = LOOKS[last];
  return (
    <Page
      title="Overview"
      about={`What was decided and used ${words}, and who is near a limit.`}
      actions={
        <LookSwitch
          last={last}
          choose={(chosen) =>
            void navigate({
              search: (now) => ({ ...now, last: chosen === USUAL_LOOK ? undefined : chosen }),
            })
          }
        />
      }
    >
      <Answered what="decisions" query={decided} scope="read">
        {({ data }) => <Decided rows={data} words={words} stepMs={stepMs} />}
      </Answered>
      <SimpleGrid cols={{ base: 1, lg: 2 }}>
        <Answered what="usage" query={used} scope="read">
          {({ data }) => (
            <Used
              rows={data}
              words={words}
              unit={unit}
              stepMs={stepMs}
              next="Send usage with POST /v1/events, or settle a hold: it stands here within seconds."
              choose={(chosen) =>
                void navigate({
                  search: (now) => ({ ...now, unit: chosen === 'calls' ? chosen : undefined }),
                })
              }
            />
          )}
        </Answered>
        <NearLimits />
      </SimpleGrid>
      <Stack gap="xs" component="section" aria-label="The pipeline">
        <Title order={2} size="h5">
          From a call to both folds
        </Title>
        <Answered what="the pipeline" query={system} scope="read">
          {(state) => <Pipeline system={state} />}
        </Answered>
      </Stack>
    </Page>
  );
}

function LookSwitch({ last, choose }: { last: LooksBack; choose: (last: LooksBack) => void }) {
  return (
    <SegmentedControl
      aria-label="How far back"
      value={last}
      onChange={(chosen) => choose(chosen as LooksBack)}
      data={LOOKS_BACK.map((value) => ({ value, label: LOOKS[value].label }))}
    />
  );
}
