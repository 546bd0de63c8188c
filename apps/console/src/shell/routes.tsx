import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
  redirect,
  retainSearchParams,
} from '@tanstack/react-router';
import { overviewSearch } from '../pages/overview/overview-search';
import { billingSearch } from '../pages/billing/billing-search';
import { decisionsSearch } from '../pages/customer/decisions-search';
import { eventsOfSearch } from '../pages/customer/events-search';
import { historySearch } from '../pages/customer/history-search';
import { customersSearch } from '../pages/customers/customers-search';
import { auditSearch, eventsSearch } from '../pages/project/project-search';
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
    throw redirect({ to: '/overview' });
  },
});

const overview = createRoute({
  getParentRoute: () => signed,
  path: '/overview',
  validateSearch: overviewSearch,
  component: lazyRouteComponent(() => import('../pages/overview/overview-page'), 'OverviewPage'),
});

/** Whoever holds a customer's token: no session, and nothing of the frame. */
const usage = createRoute({
  getParentRoute: () => root,
  path: '/usage',
  component: lazyRouteComponent(() => import('../pages/usage/usage-page'), 'UsagePage'),
});

const billing = createRoute({
  getParentRoute: () => signed,
  path: '/billing',
  validateSearch: billingSearch,
  component: lazyRouteComponent(() => import('../pages/billing/billing-page'), 'BillingPage'),
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

const history = createRoute({
  getParentRoute: () => customer,
  path: '/history',
  validateSearch: historySearch,
  component: lazyRouteComponent(() => import('../pages/customer/history-tab'), 'HistoryTab'),
});

const decisions = createRoute({
  getParentRoute: () => customer,
  path: '/decisions',
  validateSearch: decisionsSearch,
  component: lazyRouteComponent(() => import('../pages/customer/decisions-tab'), 'DecisionsTab'),
});

const customerEvents = createRoute({
  getParentRoute: () => customer,
  path: '/events',
  validateSearch: eventsOfSearch,
  component: lazyRouteComponent(() => import('../pages/customer/trail-tabs'), 'CustomerEventsTab'),
});

const customerAudit = createRoute({
  getParentRoute: () => customer,
  path: '/audit',
  component: lazyRouteComponent(() => import('../pages/customer/trail-tabs'), 'CustomerAuditTab'),
});

const customerTabs = [limits, history, decisions, customerEvents, customerAudit];

/** Its tabs lie under it; each is a page of its own. */
const project = createRoute({
  getParentRoute: () => signed,
  path: '/project',
  component: lazyRouteComponent(() => import('../pages/project/project-page'), 'ProjectPage'),
});

const models = createRoute({
  getParentRoute: () => project,
  path: '/',
  component: lazyRouteComponent(() => import('../pages/project/models-tab'), 'ModelsTab'),
});

const keys = createRoute({
  getParentRoute: () => project,
  path: '/keys',
  component: lazyRouteComponent(() => import('../pages/project/keys-tab'), 'KeysTab'),
});

const settings = createRoute({
  getParentRoute: () => project,
  path: '/settings',
  component: lazyRouteComponent(() => import('../pages/project/settings-tab'), 'SettingsTab'),
});

const audit = createRoute({
  getParentRoute: () => project,
  path: '/audit',
  validateSearch: auditSearch,
  component: lazyRouteComponent(() => import('../pages/project/audit-tab'), 'AuditTab'),
});

const events = createRoute({
  getParentRoute: () => project,
  path: '/events',
  validateSearch: eventsSearch,
  component: lazyRouteComponent(() => import('../pages/project/events-tab'), 'EventsTab'),
});

const system = createRoute({
  getParentRoute: () => project,
  path: '/system',
  component: lazyRouteComponent(() => import('../pages/project/system-tab'), 'SystemTab'),
});

const projectTabs = [models, keys, settings, audit, events, system];

export const router = createRouter({
  routeTree: root.addChildren([
    usage,
    signed.addChildren([
      start,
      overview,
      billing,
      tiers,
      newTier,
      tier,
      customers,
      customer.addChildren(customerTabs),
      project.addChildren(projectTabs),
    ]),
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
