import { BILLING_ROUTES } from './billing-routes';
import { CUSTOMER_ROUTES } from './customer-routes';
import { DECISION_ROUTES } from './decision-routes';
import { ENTITLEMENT_ROUTES } from './entitlement-routes';
import { EXPORT_ROUTES } from './export-routes';
import { HOLD_ROUTES } from './hold-routes';
import { MANAGEMENT_ROUTES } from './management-routes';
import { READING_ROUTES } from './reading-routes';
import { RECONCILIATION_ROUTES } from './reconciliation-routes';
import type { RouteDeclaration } from './route';
import { SERVICE_ROUTES } from './service-routes';
import { SESSION_ROUTES } from './session-routes';
import { STREAM_ROUTES } from './stream-routes';
import { SYSTEM_ROUTES } from './system-routes';
import { TIER_ROUTES } from './tier-routes';
import { TOKEN_ROUTES } from './token-routes';
import { USAGE_ROUTES } from './usage-routes';

export * from './route';
export { BATCH_CONTENT_TYPE, EVENT_CONTENT_TYPE } from './usage-routes';

/** Of the documents that describe the public surface. */
export const API_VERSION = '0.1.0';

/** Every public route of Tallyward, once. */
export const ROUTES: readonly RouteDeclaration[] = [
  ...USAGE_ROUTES,
  ...DECISION_ROUTES,
  ...HOLD_ROUTES,
  ...READING_ROUTES,
  ...BILLING_ROUTES,
  ...RECONCILIATION_ROUTES,
  ...EXPORT_ROUTES,
  ...MANAGEMENT_ROUTES,
  ...TIER_ROUTES,
  ...CUSTOMER_ROUTES,
  ...ENTITLEMENT_ROUTES,
  ...SESSION_ROUTES,
  ...TOKEN_ROUTES,
  ...STREAM_ROUTES,
  ...SYSTEM_ROUTES,
  ...SERVICE_ROUTES,
];
