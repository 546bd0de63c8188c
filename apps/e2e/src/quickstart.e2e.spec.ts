import { CHECKOUT } from '@tallyward/local';
import { until } from '@tallyward/testing';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { START_WITHIN_MS, Stack } from './stack.builder';

/** An hour is closed by the next look, some ten seconds later. */
const BILLED_WITHIN_MS = 60_000;

let stack: Stack;
beforeAll(async () => {
  stack = await Stack.start();
}, START_WITHIN_MS);
afterAll(() => stack?.close());

/** The shell block under a heading of the README. */
function blockUnder(heading: string): string {
  const readme = readFileSync(join(CHECKOUT, 'README.md'), 'utf8');
  const [, after = ''] = readme.split(`### ${heading}\n`);
  const block = /```sh\n([\s\S]*?)```/.exec(after)?.[1];
  if (block === undefined) throw new Error(`the README has nothing under ${heading}`);
  return block;
}

/** Runs it as a reader would, in a folder that has the key. */
function runner(block: string): () => string {
  const folder = join(stack.bed.directory, 'checkout');
  mkdirSync(join(folder, '.local'), { recursive: true });
  writeFileSync(join(folder, '.local/admin-key'), `${stack.operatorKey}\n`);
  const env = { PATH: process.env['PATH'] ?? '', GATEWAY: stack.gateways[0]?.url ?? '' };
  const options = { cwd: folder, env, encoding: 'utf8' } as const;
  return () => execFileSync('bash', ['-euo', 'pipefail', '-c', block], options);
}

describe('the quickstart of the README', () => {
  it('runs as it stands, and counts its call once however often it is run', async () => {
    const run = runner(blockUnder('Report a call, read it back'));
    expect(run()).toContain('{"accepted":1,"rejected":[]}');
    await stack.folded();
    await until(() => run().includes('"calls":1,"tokens":418'), {
      what: 'the report to show the call',
    });
    const events = await stack.ask<{ data: unknown[] }>('/v1/customers/acme/events');
    expect(events.body.data).toHaveLength(1);
  });

  it('decides a call, settles it, and shows what is left', async () => {
    const run = runner(blockUnder('Decide a call before it is made'));
    const said = run();
    expect(said).toContain('"outcome":"allow"');
    expect(said).toMatch(/"eventId":"[^"]+","aboveHold":false/);
    await stack.folded();
    const used = () => Number(/"used":(\d+)/.exec(run())?.[1]);
    // Each run settles another call.
    await until(() => used() > 0 && used() % 1_392 === 0, { what: 'the settlements to show' });
  });

  it('closes an hour into a bill', async () => {
    const run = runner(blockUnder('Close a period into a bill'));
    await until(() => /"unit":"tokens","quantity":418,/.test(run()), {
      what: 'the bill of the hour',
      withinMs: BILLED_WITHIN_MS,
      everyMs: 2_000,
    });
    expect(run()).toContain('"state":"closed"');
  });
});
