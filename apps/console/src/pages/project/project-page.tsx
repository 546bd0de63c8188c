import { Tabs } from '@mantine/core';
import { Outlet, useLocation, useNavigate } from '@tanstack/react-router';
import { Page } from '../../ui/page';
import { useSession } from '../../ui/session';

const PLACES = [
  { to: '/project', label: 'Models & groups' },
  { to: '/project/keys', label: 'API keys' },
  { to: '/project/settings', label: 'Settings' },
  { to: '/project/audit', label: 'Audit trail' },
  { to: '/project/events', label: 'Events' },
  { to: '/project/system', label: 'System' },
] as const;

/** What belongs to the whole project; each tab is a page of its own, with its own address. */
export function ProjectPage() {
  const { project } = useSession();
  const { pathname } = useLocation();
  const navigate = useNavigate();
  const shown = PLACES.find(({ to }) => to === pathname.replace(/\/$/, '')) ?? PLACES[0];
  return (
    <Page title="Project" about={`${shown.label} of project ${project}.`}>
      <Tabs
        value={shown.to}
        onChange={(to) => void navigate({ to: to as (typeof PLACES)[number]['to'] })}
      >
        <Tabs.List style={{ overflowX: 'auto', flexWrap: 'nowrap' }} mb="md">
          {PLACES.map(({ to, label }) => (
            <Tabs.Tab key={to} value={to} style={{ flexShrink: 0 }}>
              {label}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value={shown.to}>
          <Outlet />
        </Tabs.Panel>
      </Tabs>
    </Page>
  );
}
