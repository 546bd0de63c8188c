import { testbed, type Testbed } from '@tallyward/testing';
import { AsksWorld, nameOf, type Told, tierLimit } from './asks.builder';

let bed: Testbed | undefined;
let world: AsksWorld;
beforeAll(async () => {
  bed = await testbed();
  world = await AsksWorld.open(bed);
}, 120_000);
afterAll(async () => {
  await world?.close();
  await bed?.close();
});

const MONTH = tierLimit({ window: 'month', amount: 100 });
const calls = nameOf(MONTH, 'acme');

describe('a customer whose time zone moves', () => {
  const leased = async (fold: ReturnType<AsksWorld['instance']>, project: string, need: number) => {
    const wants = [{ limit: calls, need, want: need }];
    const [told] = await world.said(fold, world.ask(project, wants, { gateway: 'g2.y' }));
    return told?.type === 'lease.granted' ? 'granted' : (told as Told<'lease.refused'>).shortages;
  };

  it('is sold no more than its amount in windows that overlap', async () => {
    const project = await world.project([MONTH]);
    const fold = world.instance();
    const wants = [{ limit: calls, need: 60, want: 60 }];
    const [first] = (await world.said(fold, world.ask(project, wants))) as [Told<'lease.granted'>];
    await world.move(project, 'Pacific/Apia');
    expect(await leased(fold, project, 41)).toMatchObject([{ reason: 'held', leased: 60 }]);
    expect(await leased(fold, project, 40)).toBe('granted');
    const back = { lease: first.leases[0]?.id ?? '', total: 60 };
    const gateway = 'g1.x';
    const whose = { project, customer: 'acme', gateway };
    await world.said(fold, { type: 'lease.returned', ...whose, leases: [back] });
    expect(await leased(fold, project, 60)).toBe('granted');
    expect(await leased(fold, project, 1)).toMatchObject([{ reason: 'held', leased: 100 }]);
  });
});
