import { environmentField, serviceEnvironment } from '@tallyward/platform';
import { z } from 'zod';

/** What the gateway reads from its environment, once, in `main`. */
export const gatewayEnvironment = serviceEnvironment.extend({
  TALLYWARD_ENTITLEMENT_URL: environmentField.url('http:', 'https:'),
  TALLYWARD_AGGREGATOR_URL: environmentField.url('http:', 'https:'),
  /** The folder of the built console; left out: no console is served. */
  TALLYWARD_CONSOLE_DIR: z.string().min(1).optional(),
});
export type GatewayEnvironment = z.output<typeof gatewayEnvironment>;
