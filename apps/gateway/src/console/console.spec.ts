import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request as send } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { madeKey, projectOf, startTestGateway, type TestGateway } from '../gateway.builder';

const pageWith = (nonce: string): string =>
  `<!doctype html><meta nonce="${nonce}"><script nonce="${nonce}"></script>`;
const SCRIPT = 'export const answer = 42;\n'.repeat(100);
let gateway: TestGateway;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tallyward-site-'));
  const site = join(folder, 'site');
  await mkdir(join(site, 'assets'), { recursive: true });
  await writeFile(join(site, 'index.html'), pageWith('tallyward-nonce'));
  await writeFile(join(site, 'mark.svg'), '<svg xmlns="http://www.w3.org/2000/svg"/>');
  await writeFile(join(site, 'widget.js'), 'widget();');
  await writeFile(join(site, 'assets', 'index-B1_x9.js'), SCRIPT);
  await writeFile(join(site, 'assets', 'index-B1_x9.js.gz'), gzipSync(SCRIPT));
  await writeFile(join(site, 'assets', '.hidden'), 'hidden');
  await writeFile(join(folder, 'secret.txt'), 'secret');
  gateway = await startTestGateway({ consoleDir: site });
  gateway.log.catchUp();
});
afterAll(async () => {
  await gateway.close();
  await rm(folder, { recursive: true });
});

/** The path exactly as given, and the answer's body as it came. */
function ask(path: string, { method = 'GET', headers = {}, of = gateway } = {}) {
  const { hostname, port } = new URL(of.url);
  return new Promise<{ status: number; headers: Record<string, unknown>; body: string }>(
    (resolve, reject) => {
      send({ hostname, port, path, method, headers }, (answer) => {
        const chunks: Buffer[] = [];
        answer.on('data', (chunk: Buffer) => chunks.push(chunk));
        answer.on('end', () => {
          const body = Buffer.concat(chunks).toString('latin1');
          resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body });
        });
      })
        .on('error', reject)
        .end();
    },
  );
}

const POLICY = 'content-security-policy';
/** What of a page's styles its own answer lets in, beside its files. */
const nonceOf = (headers: Record<string, unknown>): string =>
  /style-src 'self' 'nonce-([\w+/=]{24})';/.exec(String(headers[POLICY]))?.[1] ?? 'none';

describe('the console', () => {
  it('is its page at every address of its own, with a nonce for this answer alone', async () => {
    const pages = [
      '/',
      '/index.html',
      '/tiers',
      '/customers/acme.inc/usage?tab=history',
      '/usage',
      '/a%2Fb',
      '/v10',
    ];
    for (const path of pages) {
      const { status, headers, body } = await ask(path);
      expect([path, status, body]).toEqual([path, 200, pageWith(nonceOf(headers))]);
      expect(headers).toMatchObject({
        'content-type': 'text/html; charset=utf-8',
        'cache-control': 'no-store',
      });
    }
    const nonces = await Promise.all(pages.map(async (path) => nonceOf((await ask(path)).headers)));
    expect(new Set(nonces).size).toBe(pages.length);
    const head = await ask('/tiers', { method: 'HEAD' });
    expect([head.status, head.body]).toEqual([200, '']);
  });

  it('runs nothing but its own scripts, in no frame', async () => {
    for (const path of ['/', '/assets/index-B1_x9.js', '/mark.svg', '/widget.js']) {
      const { headers } = await ask(path);
      const policy = String(headers[POLICY]).split('; ');
      expect(policy.join()).not.toContain('unsafe');
      expect(policy).toEqual(
        expect.arrayContaining([
          ...["default-src 'none'", "script-src 'self'", "connect-src 'self'"],
          ...["frame-ancestors 'none'", "base-uri 'none'", "form-action 'self'"],
        ]),
      );
      expect(headers).toMatchObject({
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
      });
    }
  });

  it('keeps what is named by its hash for a year, packed where the build has packed it', async () => {
    const plain = await ask('/assets/index-B1_x9.js');
    expect(plain).toMatchObject({ status: 200, body: SCRIPT });
    expect(plain.headers).toMatchObject({
      'content-type': 'application/javascript; charset=utf-8',
      'cache-control': 'public, max-age=31536000, immutable',
    });
    const packed = await ask('/assets/index-B1_x9.js', { headers: { 'accept-encoding': 'gzip' } });
    expect(packed.headers['content-encoding']).toBe('gzip');
    expect(packed.body.length).toBeLessThan(200);
  });

  it('gives the widget to pages of other hosts, and nothing else', async () => {
    expect((await ask('/widget.js')).headers).toMatchObject({
      'access-control-allow-origin': '*',
      'cross-origin-resource-policy': 'cross-origin',
    });
    for (const path of ['/', '/mark.svg', '/assets/index-B1_x9.js']) {
      expect((await ask(path)).headers['access-control-allow-origin']).toBeUndefined();
    }
  });

  it('leaves the interface as it is', async () => {
    const key = madeKey(['admin']);
    gateway.log.snapshot('p:demo', projectOf('demo', [key]));
    const headers = { authorization: `Bearer ${key.key}` };
    for (const path of ['/v1', '/v1/nothing', '/v1/tiers/x', '/metrics/x', '/openapi.json/x']) {
      const answer = await ask(path, { headers });
      expect([path, answer.status]).toEqual([path, 404]);
      expect(answer.headers['content-type']).toContain('application/problem+json');
    }
    expect((await ask('/v1/settings', { method: 'PATCH', headers })).status).toBe(405);
    expect((await ask('/tiers', { method: 'POST' })).status).toBe(404);
    expect((await ask('/healthz')).body).toContain('ok');
    expect((await ask('/v1/session')).status).toBe(401);
  });

  it('gives no file that is hidden, outside its folder, or not there', async () => {
    for (const path of [
      '/assets/.hidden',
      '/assets/gone.js',
      '/assets/',
      '/assets/../../secret.txt',
      '/assets/..%2f..%2fsecret.txt',
      '/assets/%2e%2e/%2e%2e/secret.txt',
      '/assets/index-B1_x9.js/x',
    ]) {
      const answer = await ask(path);
      expect([path, answer.status]).toEqual([path, 404]);
      expect(answer.body).not.toContain('secret');
    }
    for (const path of ['/../secret.txt', '/..%2fsecret.txt', '/secret.txt']) {
      const { status, headers, body } = await ask(path);
      expect([status, body]).toEqual([200, pageWith(nonceOf(headers))]);
    }
  });
});

it('without a folder there is no console, and with an empty one nothing but that', async () => {
  for (const options of [{}, { consoleDir: join(folder, 'not-there') }]) {
    const of = await startTestGateway(options);
    of.log.catchUp();
    try {
      const answer = await ask('/', { of });
      expect(answer.status).toBe(404);
      expect(answer.headers['content-type']).toContain('application/problem+json');
      expect((await ask('/healthz', { of })).status).toBe(200);
    } finally {
      await of.close();
    }
  }
});
