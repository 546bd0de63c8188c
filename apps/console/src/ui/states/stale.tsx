import { Alert, Button, Group, Text } from '@mantine/core';
import { ApiProblem } from '../../api/problem';
import { clock } from '../instants';
import { useTimeZone } from '../time-zone';

interface StaleProps {
  /** What is shown, as a person would call it. */
  readonly what: string;
  readonly error: Error;
  /** When what is shown was answered, epoch ms. */
  readonly since: number;
  readonly retry: () => void;
}

/** What is shown was right once: the last try to renew it failed. */
export function Stale({ what, since, error, retry }: StaleProps) {
  const { timeZone } = useTimeZone();
  return (
    <Alert color="yellow" variant="light" p="xs" role="status">
      <Group justify="space-between" gap="xs">
        <Text size="sm">
          Not renewed: {reasonOf(error)} You see {what} as of {clock(since, timeZone)}.
        </Text>
        <Button size="compact-xs" color="yellow" variant="default" onClick={retry}>
          Try again
        </Button>
      </Group>
    </Alert>
  );
}

/** A sentence, whether the API gave one or not. */
function reasonOf(error: Error): string {
  const said = error instanceof ApiProblem ? (error.detail ?? error.title) : error.message;
  return /[.!?]$/.test(said) ? said : `${said}.`;
}
