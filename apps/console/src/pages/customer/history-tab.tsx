import { Button, Group, SegmentedControl, Stack } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useState } from 'react';
import { path, readCsv } from '../../api/call';
import { STARTING_GROUPS } from '../../api/project';
import { usageQuery, type UsageReport } from '../../api/usage';
import { useDataAsOf } from '../../ui/as-of';
import { Chart, type ChartProps } from '../../ui/chart/chart';
import { counted } from '../../ui/figures';
import { dateAndTime } from '../../ui/instants';
import { save } from '../../ui/save';
import { Answered } from '../../ui/states/answered';
import { Empty } from '../../ui/states/empty';
import { Failed } from '../../ui/states/failed';
import { useTimeAxis } from '../../ui/time-axis';
import { useTimeZone } from '../../ui/time-zone';
import { usageLayers } from '../../ui/usage-layers';
import {
  GROUPINGS,
  historySpan,
  into,
  STEP_MS,
  type Grouping,
  type HistorySearch,
  type HistoryWindow,
} from './history-search';
import { WeekHeat } from './week-heat';

const route = getRouteApi('/signed/customers/$customer/history');

const GROUPING_WORDS: Readonly<Record<Grouping, string>> = {
  modelGroup: 'Model group',
  model: 'Model',
  workspace: 'Workspace',
  user: 'User',
};

/** What a customer used, as far back as a year and as fine as a minute, and at which hours. */
export function HistoryTab() {
  const { customer } = route.useParams();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const { timeZone } = useTimeZone();
  const { by = 'modelGroup' } = search;
  const { from, to, window = 'month' } = search;
  const table = useState(false);
  const wantedAt = (now: number) => ({ ...historySpan(search, now), timeZone, groupBy: by });
  const look = ['history', { from, to, window, timeZone, by }];
  const used = useQuery(usageQuery(customer, look, wantedAt));
  useDataAsOf(used.data?.asOf);
  const saving = useMutation({
    mutationFn: async () => {
      const wanted = wantedAt(Date.now());
      const csv = await readCsv(path`/v1/customers/${customer}/usage`, wanted);
      save(csv, `${customer}-${wanted.from.slice(0, 10)}-by-${window}.csv`);
    },
  });
  const show = (change: HistorySearch): void =>
    void navigate({ search: (now) => ({ ...now, ...change }) });
  return (
    <Stack mt="md">
      <Group justify="space-between" gap="xs">
        <SegmentedControl
          aria-label="Stacked by"
          value={by}
          onChange={(chosen) => show({ by: chosen as Grouping })}
          data={GROUPINGS.map((value) => ({ value, label: GROUPING_WORDS[value] }))}
        />
        <Group gap="xs">
          {window !== 'month' && (
            <Button
              variant="default"
              onClick={() => show({ from: undefined, to: undefined, window: undefined })}
            >
              Back to a year
            </Button>
          )}
          <Button variant="default" loading={saving.isPending} onClick={() => saving.mutate()}>
            CSV of what is shown
          </Button>
        </Group>
      </Group>
      {saving.error && <Failed error={saving.error} retry={() => saving.mutate()} />}
      <Answered what="usage" query={used} scope="read">
        {(report) => (
          <Bars report={report} search={search} window={window} show={show} table={table} />
        )}
      </Answered>
      <WeekHeat customer={customer} unit={search.unit ?? 'tokens'} />
    </Stack>
  );
}

interface BarsProps extends Pick<ChartProps, 'table'> {
  readonly report: UsageReport;
  readonly search: HistorySearch;
  readonly window: HistoryWindow;
  readonly show: (change: HistorySearch) => void;
}

function Bars({ report, search, window, show, table }: BarsProps) {
  const { by = 'modelGroup', unit = 'tokens' } = search;
  const axis = useTimeAxis(STEP_MS[window]);
  const { timeZone } = useTimeZone();
  const none = `no ${GROUPING_WORDS[by].toLowerCase()}`;
  const first = by === 'modelGroup' ? STARTING_GROUPS : [];
  const layers = usageLayers(report.data, { by, unit, first, none });
  const [oldest, newest] = [report.data[0], report.data.at(-1)];
  if (layers.sum === 0 || !oldest || !newest) {
    return (
      <Empty
        title="Nothing was used then"
        next="Go back to a year, or send usage: it stands here within seconds."
      />
    );
  }
  const between = `${dateAndTime(oldest.from, timeZone)} – ${dateAndTime(newest.to, timeZone)}`;
  return (
    <Chart
      title={`Usage by the ${window}`}
      summary={`${counted(layers.sum, unit.slice(0, -1))}, ${between}; the most ${layers.most}.${
        window === 'minute' ? '' : ' Click a bar, or its instant in the table, to look into it.'
      }`}
      rows={layers.rows}
      series={layers.series}
      unit={unit}
      {...axis}
      table={table}
      onChoose={({ x }) => {
        const bar = report.data.find(({ from }) => Date.parse(from) === x);
        const finer = bar && into(bar, window);
        if (finer) show(finer);
      }}
      actions={
        <SegmentedControl
          size="xs"
          aria-label="Unit"
          value={unit}
          onChange={(chosen) => show({ unit: chosen === 'calls' ? 'calls' : undefined })}
          data={[
            { value: 'tokens', label: 'Tokens' },
            { value: 'calls', label: 'Calls' },
          ]}
        />
      }
    />
  );
}
