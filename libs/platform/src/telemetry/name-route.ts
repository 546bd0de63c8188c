import { context } from '@opentelemetry/api';
import { core } from '@opentelemetry/sdk-node';

/** Tells the HTTP instrumentation, which sees only addresses, the route for its span and metric. */
export function nameRoute(route: string | undefined): void {
  const request = core.getRPCMetadata(context.active());
  if (request?.type === core.RPCType.HTTP && route !== undefined) request.route = route;
}
