import { Alert, Button, Code, Group, Text } from '@mantine/core';
import { ApiProblem } from '../../api/problem';

/** What went wrong, in the API's words, and a way to try again. */
export function Failed({ error, retry }: { error: Error; retry?: () => void }) {
  const problem = error instanceof ApiProblem ? error : null;
  return (
    <Alert color="red" variant="light" title={problem?.title ?? 'This page failed'} role="alert">
      <Text size="sm">{problem?.detail ?? error.message}</Text>
      {problem?.errors.map(({ code, detail, path }) => (
        <Text size="sm" key={`${code}${path ?? ''}${detail}`}>
          {path ? `${path}: ` : ''}
          {detail}
        </Text>
      ))}
      <Group mt="sm" gap="md">
        {retry && (
          <Button size="xs" color="red" onClick={retry}>
            Try again
          </Button>
        )}
        {problem?.requestId && (
          <Text size="xs" className="tw-quiet">
            Request <Code>{problem.requestId}</Code>
          </Text>
        )}
      </Group>
    </Alert>
  );
}
