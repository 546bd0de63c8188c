import { HORIZON_MS } from '@tallyward/domain';
import { type Entry, Problem } from '@tallyward/platform';
import type { Identity } from '../access/authenticate';
import type { Kept } from '../record-usage/keep-usage';
import { VoidEvents } from './void-events.service';

const identity = {
  project: { project: 'demo' },
  key: { name: 'ops' },
} as unknown as Identity;
const request = { subject: 'acme', source: 'app', id: 'e1', reason: 'sent twice' };

/** What the service appended and answered, where the trail says these times. */
async function taken(times: readonly number[] | null, body: unknown = request) {
  const appended: Entry[] = [];
  const keep = async (entries: Entry[]): Promise<Kept> => {
    appended.push(...entries);
    return { kind: 'acked', last: 7 };
  };
  const events = { eventsRejected: () => {}, requestRefused: () => {} };
  const service = new VoidEvents({ keep }, { timesOf: async () => times }, events);
  const answer = await service.take(body, identity);
  const problem = answer instanceof Problem ? answer : null;
  return { appended, answer, status: problem?.status ?? 202, problem };
}

describe('a void', () => {
  it('goes into the log under the key of its event, with who asked for it, and why', async () => {
    const { appended, answer } = await taken([]);
    expect(answer).toEqual({ accepted: 1 });
    const [{ key, value, headers } = { key: '', value: '', headers: {} }] = appended;
    expect(key).toBe('demo:acme');
    expect(JSON.parse(String(value))).toMatchObject({
      ...{ fact: 'usage.voided', project: 'demo', customer: 'acme', source: 'app', id: 'e1' },
      ...{ reason: 'sent twice', actor: 'ops' },
    });
    expect(headers).toMatchObject({ ce_type: 'usage.voided.v1', ce_subject: 'acme' });
  });

  it('of an event that no fold remembers is refused, and nothing is appended', async () => {
    const { appended, status, problem } = await taken([Date.now() - HORIZON_MS - 60_000]);
    expect([appended, status]).toEqual([[], 422]);
    expect(JSON.stringify(problem?.body('r'))).toContain('event-too-old');
  });

  it('reaches an id that was used again', async () => {
    const times = [Date.now() - HORIZON_MS - 60_000, Date.now() - 60_000];
    expect((await taken(times)).status).toBe(202);
  });

  it('is not taken while nobody knows how old its event is', async () => {
    const { appended, status } = await taken(null);
    expect([appended, status]).toEqual([[], 503]);
  });
});
