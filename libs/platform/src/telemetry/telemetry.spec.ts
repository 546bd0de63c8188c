import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SpanLine } from './span-file';

/** Runs TypeScript as it stands, the way jest does. */
const FROM_SOURCE = `
  const { transformFileSync } = require('@swc/core');
  const parser = { syntax: 'typescript', decorators: true };
  const transform = { legacyDecorator: true, decoratorMetadata: true };
  const jsc = { target: 'es2022', parser, transform, keepClassNames: true };
  require.extensions['.ts'] = (module, file) =>
    module._compile(transformFileSync(file, { jsc, module: { type: 'commonjs' } }).code, file);
  require(process.argv[1]);
`;

type Line = {
  level: string;
  msg: string;
  address?: string;
  traceId?: string;
  err?: { message: string };
};

let folder: string;
let child: ChildProcess | undefined;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tallyward-telemetry-'));
});
afterEach(() => {
  child?.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

function run(ending: string, env: Record<string, string> = {}) {
  const program = join(__dirname, 'telemetry.program.ts');
  const started = spawn(process.execPath, ['-e', FROM_SOURCE, program, ending], {
    cwd: __dirname,
    env: { PATH: process.env['PATH'], TALLYWARD_TRACE_RATIO: '1', ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  child = started;
  const lines: Line[] = [];
  let rest = '';
  let told: (line: Line) => void = () => undefined;
  const listening = new Promise<string>((resolve) => {
    told = ({ address }) => address !== undefined && resolve(address);
  });
  started.stdout.on('data', (chunk: Buffer) => {
    const parts = (rest + chunk.toString()).split('\n');
    rest = parts.pop() ?? '';
    for (const part of parts) {
      const line = JSON.parse(part) as Line;
      lines.push(line);
      told(line);
    }
  });
  const ended = once(started, 'close') as Promise<[number | null, string | null]>;
  return { child: started, lines, listening, ended };
}

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const CALLER_SPAN = 'b7ad6b7169203331';
const make = (address: string, headers: Record<string, string> = {}) =>
  fetch(`${address}/v1/things`, {
    method: 'POST',
    body: '{"name":"a"}',
    headers: { 'content-type': 'application/json', ...headers },
  });
const spansIn = (file: string): SpanLine[] =>
  readFileSync(file, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as SpanLine);

test('one trace runs from the caller through the gateway into the service, and into its log', async () => {
  const file = join(folder, 'spans.jsonl');
  const { child: process, lines, listening, ended } = run('serve', { TALLYWARD_TRACE_FILE: file });
  const address = await listening;
  const answer = await make(address, { traceparent: `00-${TRACE}-${CALLER_SPAN}-01` });
  expect(await answer.json()).toEqual({ name: 'a', traceId: TRACE });
  for (const path of ['/healthz', '/readyz', '/metrics']) await fetch(address + path);
  process.kill('SIGTERM');
  expect(await ended).toEqual([0, null]);

  const spans = spansIn(file);
  expect(spans.map(({ traceId }) => traceId)).toEqual([TRACE, TRACE, TRACE]);
  const below = (parent: string | undefined) => spans.find((s) => s.parentSpanId === parent);
  const gateway = below(CALLER_SPAN);
  const client = below(gateway?.spanId);
  const behind = below(client?.spanId);
  expect([gateway?.kind, client?.kind, behind?.kind]).toEqual([1, 2, 1]);
  expect(gateway).toMatchObject({
    service: 'spec',
    instance: 'spec-1',
    attributes: { 'http.route': '/v1/*' },
  });
  expect(lines.find(({ msg }) => msg === 'made')).toMatchObject({
    traceId: TRACE,
    service: 'spec',
  });
});

test('a caller who samples nothing is not recorded, and without a caller the ratio decides', async () => {
  const file = join(folder, 'spans.jsonl');
  const env = { TALLYWARD_TRACE_FILE: file, TALLYWARD_TRACE_RATIO: '0' };
  const { child: process, listening, ended } = run('serve', env);
  const address = await listening;
  const unsampled = await make(address, { traceparent: `00-${TRACE}-${CALLER_SPAN}-00` });
  expect(await unsampled.json()).toMatchObject({ traceId: TRACE });
  await make(address);
  process.kill('SIGTERM');
  await ended;
  expect(existsSync(file)).toBe(false);
});

test('metrics have names and units as Prometheus wants them, and no label that clients fill', async () => {
  const { child: process, listening, ended } = run('serve');
  const address = await listening;
  await make(address, { host: 'evil.example', 'user-agent': 'evil' });
  // A request is measured when it has closed, which may be after its answer arrived.
  let answer: Response;
  let text: string;
  const deadline = Date.now() + 10_000;
  do {
    answer = await fetch(`${address}/metrics`);
    text = await answer.text();
  } while (!text.includes('http_route="/v1/things"') && Date.now() < deadline);
  process.kill('SIGTERM');
  await ended;
  expect(answer.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
  const types = [...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(
    ([, name, type]) => `${name} ${type}`,
  );
  expect(types).toEqual(
    expect.arrayContaining([
      'tallyward_spec_things_total counter',
      'tallyward_spec_seconds histogram',
      'http_server_request_duration_seconds histogram',
      'process_resident_memory_bytes gauge',
      'process_heap_used_bytes gauge',
      'process_cpu_seconds_total counter',
      'process_event_loop_delay_p99_seconds gauge',
    ]),
  );
  for (const type of types) {
    const [name, kind] = type.split(' ') as [string, string];
    expect(name).toMatch(/^[a-z][a-z0-9_]*$/);
    if (name !== 'target_info')
      expect(name).toMatch(kind === 'counter' ? /_total$/ : /_(seconds|bytes|total|ratio|info)$/);
  }
  const labels = new Set(
    [...text.matchAll(/^http_server\w+\{([^}]*)\}/gm)].flatMap(([, all = '']) =>
      [...all.matchAll(/(\w+)="/g)].map(([, name]) => name),
    ),
  );
  expect([...labels].sort()).toEqual([
    'http_request_method',
    'http_response_status_code',
    'http_route',
    'le',
  ]);
  expect(text).toContain('http_route="/v1/things"');
  expect(text).not.toContain('evil');
});

test.each([
  ['a rejection that nobody caught', 'reject', 'unhandled rejection', 'nobody caught me'],
  ['a service that can not start', 'fail', 'the service did not start', 'no such database'],
])(
  '%s ends the process with code 1, and is the last thing said',
  async (_what, how, msg, message) => {
    const { lines, ended } = run(how);
    expect(await ended).toEqual([1, null]);
    expect(lines.at(-1)).toMatchObject({ level: 'fatal', msg, err: { message } });
  },
);
