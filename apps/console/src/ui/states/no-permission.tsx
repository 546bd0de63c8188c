import { Alert, Text } from '@mantine/core';

/** The key that is signed in may not see this; says which may. */
export function NoPermission({ scope }: { scope: string }) {
  return (
    <Alert color="gray" variant="light" title="This key may not see this page">
      <Text size="sm">
        It takes a key with the scope “{scope}”. Sign out, and in again with such a key; whoever has
        an admin key of this project can make one.
      </Text>
    </Alert>
  );
}
