import { CHECKOUT } from '@tallyward/local';
import { until } from '@tallyward/testing';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { START_WITHIN_MS, Stack } from './stack.builder';

let stack: Stack;
beforeAll(async () => {
  stack = await Stack.start();
}, START_WITHIN_MS);
afterAll(() => stack?.close());

function quickstart(): string {
  const readme = readFileSync(join(CHECKOUT, 'README.md'), 'utf8');
  const [, after = ''] = readme.split('<!-- quickstart');
  const block = /```sh\n([\s\S]*?)```/.exec(after)?.[1];
  if (block === undefined) throw new Error('the README has no quickstart');
  return block;
}

describe('the quickstart of the README', () => {
  it('runs as it stands, and counts its call once however often it is run', async () => {
    const folder = join(stack.bed.directory, 'checkout');
    mkdirSync(join(folder, '.local'), { recursive: true });
    writeFileSync(join(folder, '.local/admin-key'), `${stack.operatorKey}\n`);
    const run = (): string =>
      execFileSync('bash', ['-euo', 'pipefail', '-c', quickstart()], {
        cwd: folder,
        env: { PATH: process.env['PATH'] ?? '', GATEWAY: stack.gateways[0]?.url ?? '' },
        encoding: 'utf8',
      });
    expect(run()).toContain('{"accepted":1,"rejected":[]}');
    await stack.folded();
    await until(() => run().includes('"calls":1,"tokens":418'), {
      what: 'the report to show the call',
    });
    const events = await stack.ask<{ data: unknown[] }>('/v1/customers/acme/events');
    expect(events.body.data).toHaveLength(1);
  });
});
