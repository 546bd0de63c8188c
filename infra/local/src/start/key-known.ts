import { setTimeout as pause } from 'node:timers/promises';
import { GatewayApi } from './gateway-api';

const KNOWN_WITHIN_MS = 20_000;
const POLL_MS = 100;

/**
 * Waits until the gateway takes the operator's key: entitlement makes it at its first start, and it
 * travels to the gateways like every key.
 */
export async function keyIsKnown(gateway: string, key: string): Promise<void> {
  const api = new GatewayApi(gateway, key);
  const deadline = Date.now() + KNOWN_WITHIN_MS;
  for (;;) {
    try {
      await api.call('GET', '/v1/settings');
      return;
    } catch (error) {
      if (Date.now() > deadline) {
        throw new Error(
          `the operator's key is not taken at ${gateway}: ${(error as Error).message}`,
        );
      }
    }
    await pause(POLL_MS);
  }
}
