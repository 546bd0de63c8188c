import { CHECKOUT } from '@tallyward/local';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { POINTS } from '../chaos/points';
import {
  CLOSER_DEATHS,
  DEATHS_AT_REST,
  DEATHS_ELSEWHERE,
  ONLY_IN_CHAOS,
  SERVICE_DEATHS,
} from './deaths.builder';
import { Gaps } from './gaps.builder';
import { unitsOf, unitsOfText, type Unit } from './source-units.builder';

const APPS = ['gateway', 'entitlement', 'aggregator'] as const;
const AT_LEAST = 14;

/** They only read; what they call `advance` or `settle` is no effect. */
const READING = /aggregator\/src\/(reconcile|reports|reconciliation)\/(?!sample-drift)/;

/**
 * Where every pair of effects must be parted. A rebuild works on tables that nobody sees, and is
 * begun anew whenever it died: it has points at its steps, and one in each transaction.
 */
const NOT_OBLIGED = /rebuil[dt]|\/service\.ts/;

/** Pairs that need no point of their own, and why. */
const EXCUSED: readonly (readonly [place: RegExp, why: string])[] = [
  [/outbox-relay\.ts.* run: standBy again/, 'what it does is between the points of a turn'],
  [/outbox-relay\.ts.* standBy: hold → close/, 'a session that closes changes nothing'],
  [/snapshot-guard\.ts/, 'changes of their own, compared again at the next start'],
  [
    /take-asks\.ts.*: (lockAll → saveReturns|openCounters → grantLeases)/,
    'openCounters ends with a point of its own',
  ],
  [
    /close-periods.* (look again|closeAll → close|close again|close → close)/,
    'a look ends with the point after its commit, and one that closed nothing changed nothing',
  ],
  [/sample-drift\.ts/, 'each hour of drift stands for itself: a later look raises it, or not'],
  [/warehouse-fold\.ts.* insertUntilLanded: insert again/, 'the same insert, to the byte'],
  [/key-use\.consumer\.ts/, 'each says the newest instant for itself, and again changes nothing'],
  [/serve-console\.ts/, 'it sends files to a browser, and changes nothing'],
];

const gaps = new Map(
  APPS.map((app) => {
    const units = unitsOf(join(CHECKOUT, 'apps', app, 'src'));
    return [app, new Gaps(units.filter(({ place }) => !READING.test(place)))];
  }),
);
const gapsOf = (app: (typeof APPS)[number]): Gaps => gaps.get(app) ?? new Gaps([]);
const isObliged = ({ place }: Unit): boolean => !NOT_OBLIGED.test(place);
const isExcused = (gap: string): boolean => EXCUSED.some(([place]) => place.test(gap));
const plain = (point: string): string => point.replace(/#\d+$/, '');
const inText = (text: string) => new Gaps(unitsOfText('example.ts', text));

describe('the process can be killed', () => {
  it.each(APPS)('between any two effects of %s', (app) => {
    expect(
      gapsOf(app)
        .betweenEffects(isObliged)
        .filter((gap) => !isExcused(gap)),
    ).toEqual([]);
  });

  it.each(APPS)('in every transaction of %s that writes', (app) => {
    expect(gapsOf(app).bareTransactions()).toEqual([]);
  });

  it('nowhere that the crash matrix does not know, and it knows nothing else', () => {
    const points = APPS.flatMap((app) => gapsOf(app).points());
    expect(points.length).toBeGreaterThanOrEqual(AT_LEAST);
    expect([...points].sort()).toEqual(POINTS.map(({ name }) => name).sort());
  });

  it('under a name that stands for one place', () => {
    const points = APPS.flatMap((app) => gapsOf(app).points());
    expect(points.filter((name, at) => points.indexOf(name) !== at)).toEqual([]);
  });

  it('at each point of a service in npm test: here, or in the spec of its owner', () => {
    const ofServices = Object.values(SERVICE_DEATHS).flat();
    const here = [...DEATHS_AT_REST, ...ofServices, ...CLOSER_DEATHS, ...ONLY_IN_CHAOS].map(plain);
    const dieSomewhere = new Set([...here, ...Object.values(DEATHS_ELSEWHERE).flat()]);
    expect([...dieSomewhere].sort()).toEqual(POINTS.map(({ name }) => name).sort());
    for (const [file, names] of Object.entries(DEATHS_ELSEWHERE)) {
      const text = readFileSync(join(CHECKOUT, 'apps', file), 'utf8');
      // In a list of names: where the point stands itself, it stands as crashPoint('name').
      const listed = [...text.matchAll(/(?<!crashPoint\()'([a-z-]+\.[a-z-]+)'/g)].map(
        ([, name]) => name,
      );
      expect(names.filter((name) => !listed.includes(name))).toEqual([]);
    }
  });

  it('and an excuse that excuses nothing is taken away', () => {
    const found = APPS.flatMap((app) => gapsOf(app).betweenEffects(isObliged));
    expect(EXCUSED.filter(([place]) => !found.some((gap) => place.test(gap)))).toEqual([]);
  });
});

describe('a point that is missing is missed', () => {
  const effects = `
    async function save(manager) { await manager.insert(Row, {}); }
    async function log(appender) { await appender.append('topic', []); }`;

  it('between two effects, also of functions that have them', () => {
    const both = (between: string) =>
      inText(`${effects} async function both() { await save(m); ${between} await log(a); }`);
    expect(both('').betweenEffects(() => true)).toEqual(['example.ts:3 both: save → log']);
    expect(both(`crashPoint('a.after-save');`).betweenEffects(() => true)).toEqual([]);
  });

  it('in a loop', () => {
    const loop = (inside: string) =>
      inText(
        `${effects} async function all() { for (const m of ms) { await save(m); ${inside} } }`,
      );
    expect(loop('').betweenEffects(() => true)).toEqual(['example.ts:3 all: save again']);
    expect(loop(`crashPoint('a.after-save');`).betweenEffects(() => true)).toEqual([]);
  });

  it('also where the text does not say that it is a method of another kind', () => {
    const sending = (queue: string) =>
      inText(`${effects}
        import type { Book } from '@tallyward/domain';
        import type { Shelf } from './shelf';
        class Queue { take() { return this.kept.splice(0); } }
        class Store { async take() { await save(m); } }
        class Sender {
          constructor(private readonly queue${queue}) {}
          async send() { const all = this.queue.take(); await log(all); }
        }`).betweenEffects(() => true);
    const missed = ['example.ts:10 send: take → log'];
    expect(['', ': Port', ': Shelf', ': Store'].map(sending)).toEqual(Array(4).fill(missed));
    expect([': Queue', ': Book'].map(sending)).toEqual([[], []]);
  });

  it('not between branches of which one is taken', () => {
    const branches = `if (x) await save(m); else await log(a);`;
    const text = inText(`${effects} async function either() { ${branches} }`);
    expect(text.betweenEffects(() => true)).toEqual([]);
  });

  it('in a transaction, also one whose work is handed on', () => {
    const transaction = (inside: string) =>
      inText(`${effects}
        const fold = (work) => inTransaction(d, (m) => work(m));
        async function take() { await fold(async (m) => { await save(m); ${inside} }); }`);
    expect(transaction('').bareTransactions()).toEqual(['example.ts:5 take']);
    expect(transaction(`crashPoint('a.before-commit');`).bareTransactions()).toEqual([]);
  });
});
