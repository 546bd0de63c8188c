import { Button, Popover, Select, Stack, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useTimeZone } from '../ui/time-zone';

const PROJECT = 'project';
const own = Intl.DateTimeFormat().resolvedOptions().timeZone;

/** The one switch for the zone that every page writes its instants and cuts its days in. */
export function ZoneSwitch() {
  const { timeZone, chosen, project, choose } = useTimeZone();
  const [opened, { toggle, close }] = useDisclosure();
  const zones = Intl.supportedValuesOf('timeZone').filter((zone) => zone !== 'UTC');
  return (
    <Popover opened={opened} onClose={close} position="bottom-end" withArrow trapFocus>
      <Popover.Target>
        <Button
          variant="default"
          size="compact-sm"
          onClick={toggle}
          aria-label={`Time zone: ${timeZone}`}
          maw={160}
          style={{ flexShrink: 0 }}
        >
          {timeZone.split('/').at(-1)?.replaceAll('_', ' ')}
        </Button>
      </Popover.Target>
      <Popover.Dropdown w={300}>
        <Stack gap="xs">
          <Select
            label="Time zone of every page"
            searchable
            value={chosen ?? PROJECT}
            data={[
              { value: PROJECT, label: `The project’s (${project})` },
              { value: 'UTC', label: 'UTC' },
              ...(own === 'UTC' ? [] : [{ value: own, label: `This browser’s (${own})` }]),
              ...zones.filter((zone) => zone !== own),
            ]}
            limit={60}
            comboboxProps={{ withinPortal: false }}
            onChange={(zone) => {
              choose(zone === PROJECT ? null : zone);
              close();
            }}
          />
          <Text size="xs" className="tw-quiet">
            It changes what you see. Limits reset in the customer’s own zone, or the project’s.
          </Text>
        </Stack>
      </Popover.Dropdown>
    </Popover>
  );
}
