import { Button, Paper, Stack, Text, Title } from '@mantine/core';
import type { ReactNode } from 'react';

interface EmptyProps {
  readonly title: string;
  /** What to do so that something stands here. */
  readonly next: ReactNode;
  readonly action?: { readonly label: string; readonly onClick: () => void };
  readonly children?: ReactNode;
}

/** Nothing is here yet; says what to do next. */
export function Empty({ title, next, action, children }: EmptyProps) {
  return (
    <Paper withBorder p="xl" ta="center">
      <Stack align="center" gap="xs">
        <Title order={3} size="h4">
          {title}
        </Title>
        <Text className="tw-quiet" maw={520}>
          {next}
        </Text>
        {action && (
          <Button mt="xs" onClick={action.onClick}>
            {action.label}
          </Button>
        )}
        {children}
      </Stack>
    </Paper>
  );
}
