import { Badge, Group, Tabs } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Outlet, useNavigate, useRouterState } from '@tanstack/react-router';
import { customerQuery } from '../../api/customers';
import { AnchorLink } from '../../ui/link';
import { Page } from '../../ui/page';
import { Answered } from '../../ui/states/answered';
import { TABS } from './tabs';

const route = getRouteApi('/signed/customers/$customer');

/** One customer: who it is, and its tabs, each with an address of its own. */
export function CustomerPage() {
  const { customer } = route.useParams();
  const found = useQuery(customerQuery(customer));
  const navigate = useNavigate();
  const at = useRouterState({
    select: ({ matches }) => matches.at(-1)?.fullPath.replace(/\/$/, ''),
  });
  return (
    <Page
      title={found.data?.name ?? customer}
      about={
        <Group gap="xs" component="span">
          <AnchorLink to="/customers" size="sm">
            All customers
          </AnchorLink>
          {found.data?.name && <span>{customer}</span>}
          {found.data?.disabled && (
            <Badge component="span" color="red" variant="light" tt="none">
              switched off: every call is blocked
            </Badge>
          )}
        </Group>
      }
    >
      <Answered what="the customer" query={found}>
        {() => (
          <>
            <Tabs
              value={at}
              onChange={(to) => {
                const tab = TABS.find((each) => each.to === to);
                if (tab) void navigate({ to: tab.to, params: { customer } });
              }}
            >
              <Tabs.List>
                {TABS.map(({ label, to }) => (
                  <Tabs.Tab key={label} value={to}>
                    {label}
                  </Tabs.Tab>
                ))}
              </Tabs.List>
            </Tabs>
            <Outlet />
          </>
        )}
      </Answered>
    </Page>
  );
}
