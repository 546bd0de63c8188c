import { Box, Group, Stack, Text, Title } from '@mantine/core';
import { useEffect, type ReactNode } from 'react';

interface PageProps {
  readonly title: string;
  readonly about?: ReactNode;
  /** What can be done on the page, at its top right. */
  readonly actions?: ReactNode;
  readonly children: ReactNode;
}

/** The frame of every page: its heading, what can be done, and then the picture. */
export function Page({ title, about, actions, children }: PageProps) {
  useEffect(() => {
    document.title = `${title} · Tallyward`;
  }, [title]);
  return (
    <Stack gap="lg" maw={1400} mx="auto">
      <Group justify="space-between" align="flex-start" gap="md">
        <Box>
          <Title order={1} size="h2">
            {title}
          </Title>
          {about && (
            <Text className="tw-quiet" size="sm">
              {about}
            </Text>
          )}
        </Box>
        <Group gap="xs">{actions}</Group>
      </Group>
      {children}
    </Stack>
  );
}
