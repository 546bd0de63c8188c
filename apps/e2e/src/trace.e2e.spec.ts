import { usageEvent, until } from '@tallyward/testing';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { START_WITHIN_MS, Stack } from './stack.builder';

let stack: Stack;
let folder: string;

beforeAll(async () => {
  stack = await Stack.start({ traces: true });
  folder = stack.bed.directory;
}, START_WITHIN_MS);
afterAll(() => stack?.close());

interface Span {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
}

function spansOf(service: string): Span[] {
  const text = readFileSync(join(folder, `${service}.spans`), 'utf8');
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Span);
}

describe('one trace', () => {
  it('runs from the HTTP request through the log into both folds', async () => {
    const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
    const traceparent = `00-${traceId}-00f067aa0ba902b7-01`;
    const answer = await stack.send([usageEvent({ id: 'traced' })], { headers: { traceparent } });
    expect(answer.status).toBe(202);
    await stack.folded();
    const inTrace = (service: string): Span[] =>
      spansOf(service).filter((span) => span.traceId === traceId);
    for (const fold of ['entitlement', 'aggregator']) {
      await until(() => inTrace(fold).some(({ name }) => name === 'fold usage.recorded'), {
        what: `the span of the fold in ${fold}`,
      });
    }
    const gateway = inTrace('gateway');
    expect(gateway.length).toBeGreaterThan(0);
    const fold = inTrace('aggregator').find(({ name }) => name === 'fold usage.recorded');
    // The fold's span hangs under a span of the gateway, not beside it.
    expect(gateway.map(({ spanId }) => spanId)).toContain(fold?.parentSpanId);
  });

  it('logs carry no secret', () => {
    const secrets = [stack.operatorKey.split('_')[2] ?? '', stack.bed.internalSecret];
    for (const service of [...stack.gateways, stack.entitlement, stack.aggregator]) {
      for (const secret of secrets) expect(service.log()).not.toContain(secret);
    }
  });
});
