import { until } from '../wait/until';
import { GatewayApi } from './gateway-api';

const KNOWN_WITHIN_MS = 20_000;

/**
 * Waits until the gateway takes the operator's key: entitlement makes it at its first start, and it
 * travels to the gateways like every key.
 */
export async function keyIsKnown(gateway: string, key: string): Promise<void> {
  const api = new GatewayApi(gateway, key);
  await until(() => api.call<object>('GET', '/v1/settings'), {
    what: `the operator's key to be taken at ${gateway}`,
    withinMs: KNOWN_WITHIN_MS,
    everyMs: 100,
  });
}
