import { Group, SegmentedControl, Tabs } from '@mantine/core';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { Page } from '../../ui/page';
import { TextFilter } from '../../ui/text-filter';
import { type BillingSearch, type Shown } from './billing-search';
import { DriftChart } from './drift-chart';
import { HeldBack } from './held-back';
import { Periods } from './periods';
import { Records } from './records';
import { Sides } from './sides';

/** Whether what gates and what bills agree, and what was billed from it. */
export function BillingPage() {
  const { show = 'sides', customer, unit = 'tokens' } = useSearch({ from: '/signed/billing' });
  const navigate = useNavigate({ from: '/billing' });
  const set = (change: BillingSearch): void =>
    void navigate({ search: (now) => ({ ...now, ...change }), replace: true });
  return (
    <Page
      title="Billing & reconciliation"
      about="The number that gates and the number that bills come from one log; here is the proof."
    >
      <DriftChart />
      <HeldBack />
      <Group gap="sm">
        <TextFilter
          label="Customer"
          placeholder="Every customer"
          value={customer ?? ''}
          choose={(chosen) => set({ customer: chosen })}
        />
        {show === 'sides' && (
          <SegmentedControl
            size="sm"
            aria-label="Unit"
            value={unit}
            onChange={(chosen) => set({ unit: chosen === 'calls' ? chosen : undefined })}
            data={[
              { value: 'tokens', label: 'Tokens' },
              { value: 'calls', label: 'Calls' },
            ]}
          />
        )}
      </Group>
      <Tabs
        value={show}
        keepMounted={false}
        onChange={(tab) => set({ show: tab === 'sides' ? undefined : (tab as Shown) })}
      >
        <Tabs.List mb="md">
          <Tabs.Tab value="sides">Side by side</Tabs.Tab>
          <Tabs.Tab value="periods">Periods</Tabs.Tab>
          <Tabs.Tab value="records">Records</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="sides">
          <Sides customer={customer} unit={unit} />
        </Tabs.Panel>
        <Tabs.Panel value="periods">
          <Periods customer={customer} />
        </Tabs.Panel>
        <Tabs.Panel value="records">
          <Records customer={customer} />
        </Tabs.Panel>
      </Tabs>
    </Page>
  );
}
