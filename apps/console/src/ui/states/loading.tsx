import { Skeleton, Stack, VisuallyHidden } from '@mantine/core';

/** Room for what comes, as high as it will be. */
export function Loading({ what, rows = 4 }: { what: string; rows?: number }) {
  return (
    <Stack gap="sm" role="status" aria-live="polite">
      <VisuallyHidden>Loading {what}</VisuallyHidden>
      {Array.from({ length: rows }, (_, row) => (
        <Skeleton key={row} height={row === 0 ? 120 : 44} radius="md" />
      ))}
    </Stack>
  );
}
