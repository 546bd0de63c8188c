import { PROJECT_VERSION_HEADER } from '@tallyward/contracts';
import type { Problem } from '@tallyward/platform';
import type { IncomingHttpHeaders } from 'node:http';
import type { ProjectSnapshots } from '../access/project-snapshots';
import { gatewayProblem } from '../gateway-problem';

/** How long a management answer waits until this gateway's own snapshot shows the change. */
export const OWN_WRITE_DEADLINE_MS = 5_000;

const VERSION = /^([a-z0-9][a-z0-9_-]{0,63})@([1-9]\d{0,14})$/;

/**
 * Holds a management answer back until this gateway sees the change, so that whoever made it does
 * so too with the next request; takes the header that names the version off the answer.
 */
export async function awaitOwnWrite(
  headers: IncomingHttpHeaders,
  snapshots: Pick<ProjectSnapshots, 'reached'>,
  deadlineMs = OWN_WRITE_DEADLINE_MS,
): Promise<Problem | undefined> {
  const said = headers[PROJECT_VERSION_HEADER];
  if (said === undefined) return undefined;
  delete headers[PROJECT_VERSION_HEADER];
  const [, project = '', version = '0'] = VERSION.exec(String(said)) ?? [];
  if (await snapshots.reached(project, Number(version), deadlineMs)) return undefined;
  return gatewayProblem('service-unavailable', {
    detail:
      'The change is stored, but this gateway does not see it yet. Look before you repeat it.',
    headers: { 'retry-after': '1' },
  });
}
