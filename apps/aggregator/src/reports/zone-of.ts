import { DEFAULT_SETTINGS, PROJECT_TIME_ZONE_HEADER } from '@tallyward/contracts';
import { isTimeZone } from '@tallyward/domain';
import type { FastifyRequest } from 'fastify';

/** The project's zone, as the gateway gives it. */
export function zoneOf(request: FastifyRequest): string {
  const zone = request.headers[PROJECT_TIME_ZONE_HEADER];
  return typeof zone === 'string' && isTimeZone(zone) ? zone : DEFAULT_SETTINGS.timeZone;
}
