import { Button, SegmentedControl, Stack } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { path, readCsv } from '../../api/call';
import { usageQuery } from '../../api/usage';
import { save } from '../../ui/save';
import { Answered } from '../../ui/states/answered';
import { Failed } from '../../ui/states/failed';
import { useTimeZone } from '../../ui/time-zone';
import { LOOKS_BACK, type LooksBack } from '../overview/overview-search';
import { LOOKS, spanOf } from '../overview/span-of';
import { Used } from '../overview/used';
import { ASK_EVERY_MS } from './usage-page-queries';

/** What was used, over time; the same rows as CSV. */
export function OwnHistory({ customer }: { customer: string }) {
  const [last, setLast] = useState<LooksBack>('month');
  const [unit, setUnit] = useState<'calls' | 'tokens'>('tokens');
  const { timeZone } = useTimeZone();
  const wantedAt = (now: number) => ({ ...spanOf(last, now, timeZone), groupBy: 'modelGroup' });
  const used = useQuery({
    ...usageQuery(customer, ['own', last, timeZone], wantedAt),
    refetchInterval: ASK_EVERY_MS,
  });
  const saving = useMutation({
    mutationFn: async () => {
      const wanted = wantedAt(Date.now());
      const csv = await readCsv(path`/v1/customers/${customer}/usage`, wanted);
      save(csv, `usage-${wanted.from.slice(0, 10)}-${wanted.to.slice(0, 10)}.csv`);
    },
  });
  return (
    <Stack gap="xs" component="section" aria-label="History">
      <SegmentedControl
        aria-label="How far back"
        style={{ alignSelf: 'flex-start' }}
        value={last}
        onChange={(chosen) => setLast(chosen as LooksBack)}
        data={LOOKS_BACK.map((value) => ({ value, label: LOOKS[value].label }))}
      />
      <Answered what="your history" query={used} scope="read">
        {({ data }) => (
          <Used
            rows={data}
            words={LOOKS[last].words}
            unit={unit}
            stepMs={LOOKS[last].stepMs}
            next="Your calls are drawn here within seconds."
            choose={(chosen) => setUnit(chosen === 'calls' ? 'calls' : 'tokens')}
            actions={
              <Button
                size="compact-xs"
                variant="default"
                loading={saving.isPending}
                onClick={() => saving.mutate()}
              >
                CSV
              </Button>
            }
          />
        )}
      </Answered>
      {saving.error && <Failed error={saving.error} retry={() => saving.mutate()} />}
    </Stack>
  );
}
