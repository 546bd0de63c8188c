import { Alert, Text } from '@mantine/core';

interface NoPermissionProps {
  /** What is not shown, as a person would call it. */
  readonly what: string;
  readonly scope: string;
}

/** The key that is signed in may not see this; says which may. */
export function NoPermission({ what, scope }: NoPermissionProps) {
  return (
    <Alert color="gray" variant="light" title={`This key may not see ${what}`}>
      <Text size="sm">
        It takes a key with the scope “{scope}”. Sign out, and in again with such a key; whoever has
        an admin key of this project can make one.
      </Text>
    </Alert>
  );
}
