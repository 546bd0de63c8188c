import { AppShell, Burger, Group, Image, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { Outlet, useNavigate, useSearch } from '@tanstack/react-router';
import { useLive } from '../api/live';
import { settingsQuery } from '../api/project';
import { NavigationLink } from '../ui/link';
import mark from '../ui/mark.svg';
import { useMay, useSession } from '../ui/session';
import { TimeZone } from '../ui/time-zone';
import { AccountMenu } from './account-menu';
import { AsOfMark } from './as-of-mark';
import { NAVIGATION } from './navigation';
import { ZoneSwitch } from './zone-switch';

/** What stands around every page: navigation, zone, light or dark, how fresh the data is. */
export function Frame() {
  const [opened, { toggle, close }] = useDisclosure();
  const { project } = useSession();
  const feed = useLive();
  return (
    <ShownInZone>
      <AppShell
        header={{ height: 56 }}
        navbar={{ width: 210, breakpoint: 'sm', collapsed: { mobile: !opened } }}
        padding="md"
      >
        <AppShell.Header px="md">
          <Group h="100%" justify="space-between" wrap="nowrap" gap="xs">
            <Group gap="sm" wrap="nowrap">
              <Burger
                opened={opened}
                onClick={toggle}
                hiddenFrom="sm"
                size="sm"
                aria-label="Navigation"
              />
              <Image src={mark} w={26} h={26} alt="" />
              <Text fw={650} visibleFrom="xs">
                Tallyward
              </Text>
              <Text className="tw-quiet" size="sm" visibleFrom="sm">
                {project}
              </Text>
            </Group>
            <Group gap="xs" wrap="nowrap">
              <AsOfMark feed={feed} />
              <ZoneSwitch />
              <AccountMenu />
            </Group>
          </Group>
        </AppShell.Header>
        <AppShell.Navbar p="xs" aria-label="Pages">
          {NAVIGATION.map(({ label, to, icon: Icon }) => (
            <NavigationLink
              key={label}
              to={to}
              label={label}
              leftSection={<Icon size={18} aria-hidden />}
              activeProps={{ active: true }}
              onClick={close}
            />
          ))}
        </AppShell.Navbar>
        <AppShell.Main>
          <Outlet />
        </AppShell.Main>
      </AppShell>
    </ShownInZone>
  );
}

/** The zone in the address; else the project's. */
function ShownInZone({ children }: { children: React.ReactNode }) {
  const { tz } = useSearch({ from: '__root__' });
  const navigate = useNavigate();
  const { timeZone: signedIn } = useSession();
  const settings = useQuery({ ...settingsQuery, enabled: useMay('admin') });
  const project = settings.data?.timeZone ?? signedIn;
  const choose = (timeZone: string | null): void => {
    const tz = timeZone ?? undefined;
    void navigate({ to: '.', search: (now) => ({ ...now, tz }), replace: true });
  };
  return (
    <TimeZone.Provider value={{ timeZone: tz ?? project, chosen: tz ?? null, project, choose }}>
      {children}
    </TimeZone.Provider>
  );
}
