import { DEFAULT_SETTINGS } from '@tallyward/contracts';
import { testbed, type Testbed, until } from '@tallyward/testing';
import { DataSource } from 'typeorm';
import {
  adminOf,
  type Answered,
  entitlementOn,
  type EntitlementUnderTest,
} from '../entitlement.builder';
import { topicReader, type TopicReader } from '../publish-facts/topic-reader.builder';

let bed: Testbed;
let service: EntitlementUnderTest;
let reader: TopicReader;

beforeAll(async () => {
  bed = await testbed();
  service = await entitlementOn(bed);
  reader = await topicReader(bed);
});

afterAll(async () => {
  await reader?.close();
  await service?.close();
  await bed?.close();
});

async function own() {
  const { project } = await service.newProject();
  const as = adminOf(project);
  const asked = (line: string, body?: unknown): Promise<Answered> =>
    service.ask(line, { as, body });
  return { project, ask: asked };
}

const DAILY = { every: 'day', grace: 'P1DT6H' };

describe('how often a project is closed', () => {
  it('is a month and an hour where nobody said otherwise', async () => {
    const { ask: asked } = await own();
    const { body } = await asked('GET /v1/settings');
    expect(body.closing).toEqual({ every: 'month', grace: 'PT1H' });
  });

  it('is changed as a whole; what is left out of the body stays, and gateways hear of it', async () => {
    const { project, ask: asked } = await own();
    const put = await asked('PUT /v1/settings', { closing: DAILY });
    const expected = { ...DEFAULT_SETTINGS, closing: DAILY };
    expect(put).toMatchObject({ status: 200, body: expected });
    const zone = await asked('PUT /v1/settings', { timeZone: 'Europe/Rome' });
    expect(zone.body).toEqual({ ...expected, timeZone: 'Europe/Rome' });
    expect((await asked('GET /v1/settings')).body).toEqual(zone.body);
    const again = await asked('PUT /v1/settings', { closing: { grace: 'P1DT6H', every: 'day' } });
    expect(again.headers.get('x-tallyward-project-version')).toBe(`${project}@3`);
    await until(() => reader.last(project)?.version === 3, { what: 'its snapshot' });
    expect(reader.last(project)?.settings).toEqual(zone.body);
  });

  it.each([
    ['hour', 'PT0S'],
    ['billingPeriod', 'P35D'],
  ])('may be %s with %s', async (every, grace) => {
    const { ask: asked } = await own();
    const put = await asked('PUT /v1/settings', { closing: { every, grace } });
    expect(put).toMatchObject({ status: 200, body: { closing: { every, grace } } });
  });

  it.each([
    [{ every: 'week', grace: 'PT1H' }, '/closing/every'],
    [{ every: 'month', grace: 'P36D' }, '/closing/grace'],
    [{ every: 'month', grace: 'P35DT1S' }, '/closing/grace'],
    [{ every: 'month', grace: '-PT1H' }, '/closing/grace'],
    [{ every: 'month', grace: 'soon' }, '/closing/grace'],
    [{ every: 'month', grace: 3_600 }, '/closing/grace'],
    [{ every: 'month' }, '/closing/grace'],
    [{ grace: 'PT1H' }, '/closing/every'],
    [{ ...DAILY, at: '06:00' }, '/closing/at'],
    [null, '/closing'],
    ['month', '/closing'],
  ])('is refused as %j, with the place, and nothing changes', async (closing, pointer) => {
    const { ask: asked } = await own();
    const answer = await asked('PUT /v1/settings', { closing });
    expect([answer.status, answer.body.code]).toEqual([422, 'invalid']);
    expect(answer.body.errors).toMatchObject([{ pointer }]);
    expect((await asked('GET /v1/settings')).body).toEqual(DEFAULT_SETTINGS);
  });
});

describe('a database from before periods were closed', () => {
  it('gets the default where nobody chose, and the next change tells gateways', async () => {
    const [old, chosen] = [await own(), await own()];
    await old.ask('PUT /v1/settings', { timeZone: 'Europe/Rome' });
    await chosen.ask('PUT /v1/settings', { closing: DAILY });
    await until(() => reader.last(old.project)?.version === 2, { what: 'its snapshot' });
    await service.close();
    await asBeforeClosing(old.project);
    service = await entitlementOn(bed, { TALLYWARD_INSTANCE: 'entitlement-upgraded' });

    const expected = { ...DEFAULT_SETTINGS, timeZone: 'Europe/Rome' };
    expect((await old.ask('GET /v1/settings')).body).toEqual(expected);
    expect((await chosen.ask('GET /v1/settings')).body.closing).toEqual(DAILY);
    const put = await old.ask('PUT /v1/settings', { failOpen: true });
    expect(put).toMatchObject({ status: 200, body: { ...expected, failOpen: true } });
    await until(() => reader.last(old.project)?.settings.failOpen, { what: 'the new snapshot' });
    expect(reader.last(old.project)?.settings).toEqual(put.body);
  });

  /** As a release without the setting left it: the row lacks it, the migration has not run. */
  async function asBeforeClosing(project: string): Promise<void> {
    const url = bed.postgres.entitlement;
    const store = await new DataSource({ type: 'postgres', url }).initialize();
    await store.query("UPDATE project SET settings = settings - 'closing' WHERE project = $1", [
      project,
    ]);
    await store.query("DELETE FROM migrations WHERE name = 'ClosingOfProjects1795700000000'");
    await store.destroy();
  }
});
