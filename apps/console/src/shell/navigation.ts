import {
  IconLayoutDashboard,
  IconReceipt,
  IconSettings,
  IconStack2,
  IconUsers,
  type Icon,
} from '@tabler/icons-react';
import type { LinkProps } from '@tanstack/react-router';

interface Destination {
  readonly label: string;
  readonly to: LinkProps['to'];
  readonly icon: Icon;
}

/** The navigation, in its order: what is looked at most stands first. */
export const NAVIGATION: readonly Destination[] = [
  { label: 'Overview', to: '/overview', icon: IconLayoutDashboard },
  { label: 'Customers', to: '/customers', icon: IconUsers },
  { label: 'Usage tiers', to: '/tiers', icon: IconStack2 },
  { label: 'Billing', to: '/billing', icon: IconReceipt },
  { label: 'Project', to: '/project', icon: IconSettings },
];
