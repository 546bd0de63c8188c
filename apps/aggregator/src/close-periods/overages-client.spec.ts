import { MOST_ASKED_CUSTOMERS, passedLimitsQuestion, type Overage } from '@tallyward/contracts';
import { CALLER_HEADER, verifyCaller } from '@tallyward/platform';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { PeriodKey } from './closing';
import { MOST_REFUSED, OveragesClient, OveragesUnknown } from './overages-client';

const SECRET = 'a-secret-of-at-least-32-characters';
const PERIOD = { from: Date.UTC(2026, 10, 20, 10), to: Date.UTC(2026, 10, 20, 11) };

/** Stands for entitlement: one row for each customer, and no word of those it chokes on. */
class Answers {
  readonly asked: { readonly project: string; readonly customers: string[] }[] = [];
  readonly chokesOn = new Set<string>();
  isAway = false;
  private constructor(private readonly server: Server) {}

  static async start(): Promise<Answers> {
    const server = createServer();
    const answers = new Answers(server);
    server.on('request', (request, response) => {
      const parts: Buffer[] = [];
      request.on('data', (part: Buffer) => parts.push(part));
      request.on('end', () => {
        if (answers.isAway) return request.socket.destroy();
        const caller = verifyCaller(String(request.headers[CALLER_HEADER]), SECRET);
        const { status, body } = answers.answer(String(caller?.project), Buffer.concat(parts));
        return response.writeHead(status, { 'content-type': 'application/json' }).end(body);
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return answers;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  close(): Promise<void> {
    return new Promise((resolve) => this.server.close(() => resolve()));
  }

  private answer(project: string, text: Buffer): { status: number; body: string } {
    const { of } = passedLimitsQuestion.parse(JSON.parse(text.toString()));
    const customers = of.map(({ customer }) => customer);
    this.asked.push({ project, customers });
    if (customers.some((customer) => this.chokesOn.has(customer)))
      return { status: 422, body: '{}' };
    const data = customers.map((customer) => (customer === 'nobody' ? null : [rowOf(customer)]));
    return { status: 200, body: JSON.stringify({ data }) };
  }
}

const rowOf = (scopeValue: string): Overage => ({
  ...{ tier: { name: 'Pay', version: 1 }, scope: 'customer', scopeValue, modelGroup: '*' },
  ...{ unit: 'calls', window: 'month', onLimit: 'allow', timeZone: 'UTC' },
  ...{ windowStart: null, windowEnd: null, amount: 1, used: 2, overage: 1, overrun: 0 },
});

const periodsOf = (count: number, project = 'demo'): PeriodKey[] =>
  Array.from({ length: count }, (_, n) => ({ project, customer: `c${n}`, period: PERIOD }));

let answers: Answers;
let client: OveragesClient;
beforeEach(async () => {
  answers = await Answers.start();
  client = new OveragesClient(answers.url, SECRET);
});
afterEach(() => answers.close());

/** Whose row each period was told; null: none. */
async function told(of: readonly PeriodKey[]): Promise<(string | null)[]> {
  const all = await client.passed(of);
  return all.map((one) => (one instanceof OveragesUnknown ? null : (one[0]?.scopeValue ?? '')));
}

describe('what passed limits is asked', () => {
  it('of many customers at once, of each project as its own, and told in their order', async () => {
    const of = [...periodsOf(450), ...periodsOf(3, 'other')].reverse();
    expect(await told(of)).toEqual(of.map(({ customer }) => customer));
    expect(answers.asked.map(({ project, customers }) => [project, customers.length])).toEqual(
      expect.arrayContaining([
        ['demo', 150],
        ['demo', 150],
        ['demo', 150],
        ['other', 3],
      ]),
    );
    expect(MOST_ASKED_CUSTOMERS).toBe(200);
  });

  it('so that a customer that can not be told keeps no other waiting', async () => {
    answers.chokesOn.add('c77');
    const of = [...periodsOf(200), { project: 'demo', customer: 'nobody', period: PERIOD }];
    const unknown = ['c77', 'nobody'];
    const names = of.map(({ customer }) => (unknown.includes(customer) ? null : customer));
    expect(await told(of)).toEqual(names);
  });

  it('of such a customer alone from then on, until it is told again', async () => {
    answers.chokesOn.add('c77');
    await told(periodsOf(200));
    const sizes = async () => {
      answers.asked.length = 0;
      await told(periodsOf(200));
      return answers.asked.map(({ customers }) => customers.length).sort((a, b) => a - b);
    };
    expect(await sizes()).toEqual([1, 199]);
    answers.chokesOn.clear();
    expect(await sizes()).toEqual([1, 199]);
    expect(await sizes()).toEqual([200]);
  });

  it('no more where too much is refused, or entitlement is away', async () => {
    const of = periodsOf(200);
    for (const { customer } of of) answers.chokesOn.add(customer);
    expect(await told(of)).toEqual(of.map(() => null));
    expect(answers.asked).toHaveLength(MOST_REFUSED);
    answers.isAway = true;
    expect(await told(of)).toEqual(of.map(() => null));
  });
});
