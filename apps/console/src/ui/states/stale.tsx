import { Alert, Button, Group, Text } from '@mantine/core';
import { clock } from '../instants';
import { useTimeZone } from '../time-zone';

interface StaleProps {
  /** When what is shown was answered, epoch ms. */
  readonly since: number;
  readonly retry: () => void;
}

/** What is shown was right once: the last try to renew it failed. */
export function Stale({ since, retry }: StaleProps) {
  const { timeZone } = useTimeZone();
  return (
    <Alert color="yellow" variant="light" p="xs" role="status">
      <Group justify="space-between" gap="xs">
        <Text size="sm">
          Tallyward does not answer. You see what it said at {clock(since, timeZone)}.
        </Text>
        <Button size="compact-xs" color="yellow" variant="default" onClick={retry}>
          Try again
        </Button>
      </Group>
    </Alert>
  );
}
