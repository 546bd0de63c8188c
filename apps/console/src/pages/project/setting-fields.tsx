import { Group, Radio, Select, Stack, TextInput } from '@mantine/core';
import type { ClosedEvery, Settings } from '@tallyward/contracts';
import type { ListedVersion } from '../../api/tiers';
import { durationWords } from '../../ui/words';

interface SettingFieldsProps {
  readonly wanted: Settings;
  readonly versions: readonly ListedVersion[];
  readonly set: (wanted: Settings) => void;
}

const CLOSED_EVERY_WORDS: Readonly<Record<ClosedEvery, string>> = {
  hour: 'every hour',
  day: 'every day',
  month: 'every month',
  billingPeriod: 'every billing period of the customer',
};

/** One field for each setting, with what it is for. */
export function SettingFields({ wanted, versions, set }: SettingFieldsProps) {
  const change = (part: Partial<Settings>): void => set({ ...wanted, ...part });
  const { closing } = wanted;
  return (
    <Stack>
      <Select
        label="Time zone"
        description="Where the days and months of limits and reports begin, unless a customer has its own."
        searchable
        limit={60}
        allowDeselect={false}
        value={wanted.timeZone}
        data={zonesWith(wanted.timeZone)}
        onChange={(timeZone) => timeZone && change({ timeZone })}
      />
      <DefaultTier wanted={wanted} versions={versions} set={set} />
      <Group grow align="flex-start">
        <Select
          label="Usage is closed and billed"
          allowDeselect={false}
          value={closing.every}
          data={Object.entries(CLOSED_EVERY_WORDS).map(([value, label]) => ({ value, label }))}
          onChange={(every) =>
            every && change({ closing: { ...closing, every: every as ClosedEvery } })
          }
        />
        <TextInput
          label="Waits for late usage"
          description={`${durationWords(closing.grace)} after its end (ISO 8601)`}
          value={closing.grace}
          onChange={({ currentTarget }) =>
            change({ closing: { ...closing, grace: currentTarget.value } })
          }
        />
      </Group>
      <TextInput
        label="Late usage is taken for"
        description={`${durationWords(wanted.lateness)} (ISO 8601, at most P35D)`}
        value={wanted.lateness}
        onChange={({ currentTarget }) => change({ lateness: currentTarget.value })}
      />
      <Radio.Group
        label="Calls of models that nobody registered"
        value={wanted.unknownModels}
        onChange={(value) => change({ unknownModels: value as Settings['unknownModels'] })}
      >
        <Stack gap={6} mt={6}>
          <Radio value="block" label="are blocked" />
          <Radio value="allow" label="are allowed, and counted as unclassified" />
        </Stack>
      </Radio.Group>
      <Radio.Group
        label="When Tallyward can not decide"
        value={wanted.failOpen ? 'open' : 'closed'}
        onChange={(value) => change({ failOpen: value === 'open' })}
      >
        <Stack gap={6} mt={6}>
          <Radio value="closed" label="calls are refused until it can again (fail closed)" />
          <Radio value="open" label="calls are allowed, and the answer says so (fail open)" />
        </Stack>
      </Radio.Group>
    </Stack>
  );
}

function DefaultTier({ wanted, versions, set }: SettingFieldsProps) {
  const now = wanted.defaultTier;
  const listed = versions.map(({ name, version }) => ({ name, version }));
  const isListed = listed.some(({ name, version }) => name === now.name && version === now.version);
  const choices = isListed ? listed : [now, ...listed];
  const at = choices.findIndex(({ name, version }) => name === now.name && version === now.version);
  return (
    <Select
      label="Default tier"
      description="What customers that come from now on are on; nobody else changes."
      searchable
      allowDeselect={false}
      value={String(at)}
      data={choices.map(({ name, version }, place) => ({
        value: String(place),
        label: `${name} v${version}`,
      }))}
      onChange={(place) => {
        const chosen = choices[Number(place)];
        if (chosen) set({ ...wanted, defaultTier: { name: chosen.name, version: chosen.version } });
      }}
    />
  );
}

function zonesWith(zone: string): string[] {
  const zones = Intl.supportedValuesOf('timeZone');
  return [...new Set(['UTC', zone, ...zones])];
}
