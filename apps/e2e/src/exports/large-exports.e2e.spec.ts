import { until } from '@tallyward/testing';
import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { Stack, START_WITHIN_MS } from '../stack.builder';
import { exportPath, linesOf, manyEvents, opened, peakDuring } from './exported.builder';
import type { ManyEvents, Peak } from './exported.builder';

jest.setTimeout(300_000);

const MANY = 600_000;
const FEW = MANY / 4;
/** A quarter of an answer that was gathered would show; two runs of the same differ by less. */
const NO_MORE_MIB = 64;
const FREE_WITHIN_MS = 20_000;
const NOT_READ_FOR_MS = 5_000;

let stack: Stack;
let many: ManyEvents;
beforeAll(async () => {
  stack = await Stack.start();
  many = await manyEvents(stack, MANY);
}, START_WITHIN_MS);
afterAll(() => stack?.close());

const open = async (count = MANY) => {
  const answer = await opened(stack, exportPath(many, count), many.key);
  expect(answer.statusCode).toBe(200);
  return answer;
};
const peakOf = (count: number): Promise<Peak> =>
  peakDuring(stack, async () => expect(await linesOf(await open(count))).toBe(count));

/** Both places of the project are free. */
async function areFree(): Promise<boolean> {
  const nothing = `${exportPath(many, 1)}&customer=nobody`;
  const both = await Promise.all([1, 2].map(() => opened(stack, nothing, many.key)));
  for (const answer of both) await linesOf(answer);
  return both.every(({ statusCode }) => statusCode === 200);
}
const untilFree = () => until(areFree, { what: 'both places', withinMs: FREE_WITHIN_MS });

describe('a large export through the gateway', () => {
  it('takes no more memory than a small one, at gateway and aggregator', async () => {
    await peakOf(FEW);
    const few = await peakOf(FEW);
    const all = await peakOf(MANY);
    expect(all.gateway - few.gateway).toBeLessThan(NO_MORE_MIB);
    expect(all.aggregator - few.aggregator).toBeLessThan(NO_MORE_MIB);
  });

  it('waits for a reader that takes nothing for a while, in as little memory, and is whole', async () => {
    const before = await peakOf(FEW);
    const answer = await open();
    const still = await peakDuring(stack, () => pause(NOT_READ_FOR_MS));
    expect(still.gateway - before.gateway).toBeLessThan(NO_MORE_MIB);
    expect(still.aggregator - before.aggregator).toBeLessThan(NO_MORE_MIB);
    expect(await linesOf(answer)).toBe(MANY);
  });

  it('ends where its reader goes away in the middle: its place is free again', async () => {
    const [one, other] = [await open(), await open()];
    expect((await opened(stack, exportPath(many, MANY), many.key)).statusCode).toBe(429);
    for (const answer of [one, other]) {
      await once(answer, 'readable');
      answer.destroy();
    }
    await untilFree();
  });

  it('over HTTP/1.0, where the end of a part looks like the end of the whole, is refused', async () => {
    const { hostname, port } = new URL(stack.gateways[0]!.url);
    const socket = connect(Number(port), hostname);
    const key = `authorization: Bearer ${many.key}`;
    socket.write(`GET ${exportPath(many, 10)} HTTP/1.0\r\nhost: x\r\n${key}\r\n\r\n`);
    let text = '';
    for await (const chunk of socket) text += String(chunk);
    expect(text).toMatch(/^HTTP\/1\.[01] 400 /);
    expect(text).toContain('HTTP/1.1');
  });

  it.each([
    ['the aggregator', () => stack.aggregator],
    ['the gateway', () => stack.gateways[0]!],
  ])('is cut, for its reader to see, where %s dies in the middle', async (_who, service) => {
    await untilFree();
    const answer = await open();
    await once(answer, 'readable');
    await service().kill();
    await expect(linesOf(answer)).rejects.toThrow();
    await service().start();
    await until(areFree, { what: 'exports again', withinMs: FREE_WITHIN_MS });
  });
});
