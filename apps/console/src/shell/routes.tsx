import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
  redirect,
  retainSearchParams,
} from '@tanstack/react-router';
import { customersSearch } from '../pages/customers/customers-search';
import { tierSearch, tiersSearch } from '../pages/tiers/tiers-search';
import { Failed } from '../ui/states/failed';
import { Loading } from '../ui/states/loading';
import { NotFound } from './not-found';
import { shownSearch } from './shown-search';
import { Signed } from './signed';

const root = createRootRoute({
  component: Outlet,
  notFoundComponent: NotFound,
  validateSearch: shownSearch,
  search: { middlewares: [retainSearchParams(['tz'])] },
});

/** Pages that take a session; /usage, the customer's own page, does not lie under it. */
export const signed = createRoute({ getParentRoute: () => root, id: 'signed', component: Signed });

const start = createRoute({
  getParentRoute: () => signed,
  path: '/',
  beforeLoad: () => {
    throw redirect({ to: '/tiers' });
  },
});

const tiers = createRoute({
  getParentRoute: () => signed,
  path: '/tiers',
  validateSearch: tiersSearch,
  component: lazyRouteComponent(() => import('../pages/tiers/tiers-page'), 'TiersPage'),
});

const newTier = createRoute({
  getParentRoute: () => signed,
  path: '/tiers/new',
  component: lazyRouteComponent(() => import('../pages/tier/new-tier-page'), 'NewTierPage'),
});

const tier = createRoute({
  getParentRoute: () => signed,
  path: '/tiers/$name/versions/$version',
  params: {
    parse: ({ name, version }) => ({ name, version: Number(version) }),
    stringify: ({ name, version }) => ({ name, version: String(version) }),
  },
  validateSearch: tierSearch,
  component: lazyRouteComponent(() => import('../pages/tier/tier-page'), 'TierPage'),
});

const customers = createRoute({
  getParentRoute: () => signed,
  path: '/customers',
  validateSearch: customersSearch,
  component: lazyRouteComponent(() => import('../pages/customers/customers-page'), 'CustomersPage'),
});

/** A customer's tabs lie under it; each is a page of its own. */
const customer = createRoute({
  getParentRoute: () => signed,
  path: '/customers/$customer',
  component: lazyRouteComponent(() => import('../pages/customer/customer-page'), 'CustomerPage'),
});

const limits = createRoute({
  getParentRoute: () => customer,
  path: '/',
  component: lazyRouteComponent(() => import('../pages/customer/limits-tab'), 'LimitsTab'),
});

export const router = createRouter({
  routeTree: root.addChildren([
    signed.addChildren([start, tiers, newTier, tier, customers, customer.addChildren([limits])]),
  ]),
  defaultPreload: 'intent',
  defaultErrorComponent: ({ error, reset }) => <Failed error={error as Error} retry={reset} />,
  defaultPendingComponent: () => <Loading what="the page" />,
  scrollRestoration: true,
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}
