import type { Row } from './row';

/** The loader's password, put where each kind of client puts it. */
export function credentialRows(user: string, password: string): readonly Row[] {
  const wrong = { status: 403, body: /^Code: 516\..*AUTHENTICATION_FAILED/ };
  return [
    {
      name: 'X-ClickHouse-User and X-ClickHouse-Key',
      send: {
        auth: 'none',
        headers: { 'X-ClickHouse-User': user, 'X-ClickHouse-Key': password },
        body: 'SELECT 1',
      },
      body: '1\n',
    },
    {
      name: 'user and password in the address',
      send: { auth: 'none', url: { user, password }, body: 'SELECT 1' },
      body: '1\n',
    },
    { name: 'basic auth', send: { body: 'SELECT 1' }, body: '1\n' },
    {
      name: 'a wrong password in the headers',
      send: {
        auth: 'none',
        headers: { 'X-ClickHouse-User': user, 'X-ClickHouse-Key': 'wrong' },
        body: 'SELECT 1',
      },
      ...wrong,
    },
    {
      name: 'a wrong password in the address',
      send: { auth: 'none', url: { user, password: 'wrong' }, body: 'SELECT 1' },
      ...wrong,
    },
    {
      name: 'a scheme that is not served',
      send: { auth: 'none', headers: { Authorization: 'Digest abc' }, body: 'SELECT 1' },
      ...wrong,
    },
  ];
}
