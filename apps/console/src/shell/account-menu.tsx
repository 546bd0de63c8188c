import {
  ActionIcon,
  Menu,
  Text,
  useComputedColorScheme,
  useMantineColorScheme,
} from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { IconLogout, IconMoon, IconSun, IconUserCircle } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { signOut } from '../api/session';
import { Instant } from '../ui/instant';
import { useSession } from '../ui/session';
import { forget } from './client';

/** Who is signed in, light or dark, and the way out. */
export function AccountMenu() {
  const session = useSession();
  const client = useQueryClient();
  const { setColorScheme } = useMantineColorScheme();
  const isDark = useComputedColorScheme('light') === 'dark';
  const leaving = useMutation({
    mutationFn: signOut,
    onSuccess: () => forget(client),
    onError: (error) =>
      notifications.show({ color: 'red', title: 'Still signed in', message: error.message }),
  });
  return (
    <>
      <ActionIcon
        variant="default"
        size="md"
        aria-label={isDark ? 'Show in light colours' : 'Show in dark colours'}
        onClick={() => setColorScheme(isDark ? 'light' : 'dark')}
      >
        {isDark ? <IconSun size={16} /> : <IconMoon size={16} />}
      </ActionIcon>
      <Menu position="bottom-end" withArrow>
        <Menu.Target>
          <ActionIcon variant="default" size="md" aria-label={`Signed in as ${session.name}`}>
            <IconUserCircle size={16} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Label>
            <Text size="sm" fw={600}>
              {session.name}
            </Text>
            <Text size="xs">
              {session.project} · {session.scopes.join(', ')}
            </Text>
            <Text size="xs">
              Until <Instant at={session.expiresAt} />
            </Text>
          </Menu.Label>
          <Menu.Divider />
          <Menu.Item leftSection={<IconLogout size={16} />} onClick={() => leaving.mutate()}>
            Sign out
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
    </>
  );
}
