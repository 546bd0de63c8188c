import fc from 'fast-check';
import { signCaller } from '../http/caller';
import { createLogger } from './logger';
import { maskSecrets } from './mask';

const letters = (alphabet: string, length: number) =>
  fc
    .array(fc.constantFrom(...alphabet), { minLength: length, maxLength: length })
    .map((all) => all.join(''));
const LOWER = 'abcdefghijklmnopqrstuvwxyz0123456789';
const ANY = `${LOWER}ABCDEFGHIJKLMNOPQRSTUVWXYZ`;
const apiKey = fc.tuple(letters(LOWER, 16), letters(ANY, 43));
const password = letters(`${ANY}!#$%&*+-=^~"\\`, 24);

function logged(secrets: string[] = []) {
  const lines: string[] = [];
  const log = createLogger({
    service: 's',
    instance: 'i',
    level: 'trace',
    secrets,
    to: { write: (l) => void lines.push(l) },
  });
  return { log, lines };
}

/** Ways in which a text gets into a log line. */
const carriers: ((text: string) => unknown[])[] = [
  (text) => [`key ${text} was refused`],
  (text) => [{ key: text }, 'refused'],
  (text) => [{ deep: { er: [{ url: `http://a/?k=${encodeURIComponent(text)}` }] } }, 'x'],
  (text) => [new Error(`no such key: ${text}`)],
  (text) => [{ err: new Error('outer', { cause: new Error(text) }) }, 'x'],
  (text) => [{ body: JSON.stringify({ nested: JSON.stringify({ text }) }) }, 'x'],
  (text) => ['%s and %j', text, { text }],
  (text) => [{ [text]: 1 }, 'as a field name'],
];

test('no API key’s secret survives, wherever in a line it stands; its id does', () => {
  fc.assert(
    fc.property(apiKey, fc.constantFrom(...carriers), ([id, secret], carrier) => {
      const { log, lines } = logged();
      log.info(...(carrier(`tw_${id}_${secret}`) as [string]));
      expect(lines.join('')).toContain(`tw_${id}_***`);
      expect(lines.join('')).not.toContain(secret);
      expect(() => JSON.parse(lines[0] as string)).not.toThrow();
    }),
  );
});

test('no value of a secret field survives, whatever characters it has and however deep it stands', () => {
  const fields = [
    'authorization',
    'Authorization',
    'cookie',
    'set-cookie',
    'x-tallyward-caller',
    'proxy-authorization',
    'password',
    'secret',
  ];
  fc.assert(
    fc.property(password, fc.constantFrom(...fields), fc.boolean(), (value, field, list) => {
      const { log, lines } = logged();
      const headers = { a: 1, [field]: list ? [value, `${value}]`] : value, b: 2 };
      log.info({ req: { headers } }, 'x');
      log.info({ text: JSON.stringify(headers) }, 'x');
      const inside = JSON.stringify(value).slice(1, -1);
      expect(lines.join('')).not.toContain(inside);
      for (const line of lines) expect(() => JSON.parse(line)).not.toThrow();
      expect(JSON.parse(lines[0] as string).req.headers).toMatchObject({ a: 1, b: 2 });
    }),
  );
});

test('no password in an address survives', () => {
  fc.assert(
    fc.property(
      letters(`${ANY}-._~!$&*+=`, 20),
      fc.constantFrom(...carriers.slice(0, 6)),
      (value, carrier) => {
        const { log, lines } = logged();
        log.error(
          ...(carrier(`postgres://entitlement:${value}@127.0.0.1:5433/tallyward`) as [string]),
        );
        expect(lines.join('')).not.toContain(value);
      },
    ),
  );
});

test('a secret that was named is masked as it stands, even where no rule knows it', () => {
  fc.assert(
    fc.property(
      password,
      fc.constantFrom(...carriers.slice(0, 2), carriers[3]!),
      (value, carrier) => {
        const { log, lines } = logged([value]);
        log.info(...(carrier(value) as [string]));
        expect(lines.join('')).not.toContain(JSON.stringify(value).slice(1, -1));
      },
    ),
  );
});

test('a signed caller, bearer and basic credentials and raw header lines are masked', () => {
  const caller = { project: 'demo', scopes: [], keyId: 'k', actor: 'a', operator: false };
  const token = signCaller(caller, 'a-secret-of-at-least-32-characters');
  const texts = [
    `got ${token}`,
    'Bearer abcdefgh12345678',
    'basic dXNlcjpwYXNz',
    'cookie: session=abcdefgh12345678; b=c',
  ];
  for (const text of texts) {
    const masked = maskSecrets(JSON.stringify({ msg: text }));
    for (const piece of [token, 'abcdefgh12345678', 'dXNlcjpwYXNz'])
      expect(masked).not.toContain(piece);
  }
});

test('what is no secret stays', () => {
  const line = JSON.stringify({
    msg: 'partition 7 of usage.events.v1 stands at 812; password policy is basic; two_words_here',
    url: 'http://127.0.0.1:8081/v1/keys/k123456789abcdef',
    authorized: true,
    cookies: 3,
  });
  expect(maskSecrets(line)).toBe(line);
});

test('a very long line is masked without delay', () => {
  for (const filler of ['"', '\\"', 'a', 'tw_', 'eyJ', 'http://', 'cookie:', '":"']) {
    const line = JSON.stringify({ msg: filler.repeat(200_000 / filler.length) });
    const before = process.cpuUsage();
    maskSecrets(line);
    expect(process.cpuUsage(before).user).toBeLessThan(2_000_000);
  }
});
