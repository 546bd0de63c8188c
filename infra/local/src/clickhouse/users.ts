import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { ROLES, type UserName } from './access';
import { failed } from './errors';

interface Credentials {
  readonly user: string;
  readonly password: string;
}

const header = (request: IncomingMessage, name: string): string => {
  const value = request.headers[name];
  return typeof value === 'string' ? value : '';
};

const mixed = (what: string): Error =>
  failed(516, 'AUTHENTICATION_FAILED', `Invalid authentication: it is not allowed to use ${what}`);

function basicOf(authorization: string): Credentials {
  const [scheme, encoded] = authorization.split(/\s+/, 2);
  if (scheme?.toLowerCase() !== 'basic') {
    const text = `Invalid authentication: '${scheme}' HTTP Authorization scheme is not supported`;
    throw failed(516, 'AUTHENTICATION_FAILED', text);
  }
  const text = Buffer.from(encoded ?? '', 'base64').toString();
  const colon = text.indexOf(':');
  if (colon < 0) return { user: text, password: '' };
  return { user: text.slice(0, colon), password: text.slice(colon + 1) };
}

/** Headers, then basic auth, then the URL; two of them at once are refused, as in ClickHouse. */
function credentialsOf(request: IncomingMessage, url: URLSearchParams): Credentials {
  const user = header(request, 'x-clickhouse-user');
  const password = header(request, 'x-clickhouse-key');
  const basic = header(request, 'authorization');
  const inUrl = url.has('user') || url.has('password');
  if (user || password) {
    if (basic) throw mixed('X-ClickHouse headers and Authorization HTTP header simultaneously');
    if (inUrl) throw mixed('X-ClickHouse headers and authentication via parameters simultaneously');
    return { user: user || 'default', password };
  }
  if (basic) {
    if (inUrl) {
      throw mixed('Authorization HTTP header and authentication via parameters simultaneously');
    }
    return basicOf(basic);
  }
  return { user: url.get('user') ?? 'default', password: url.get('password') ?? '' };
}

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
const isUser = (name: string): name is UserName => Object.hasOwn(ROLES, name);

/** Who asks; throws 516 for an unknown user or a wrong password, without saying which. */
export function authenticate(
  request: IncomingMessage,
  url: URLSearchParams,
  passwords: Readonly<Record<UserName, string>>,
): UserName {
  const { user, password } = credentialsOf(request, url);
  if (isUser(user)) {
    const expected = passwords[user];
    // a user without a password takes any, so that clients which always send one get in
    if (expected === '' || timingSafeEqual(digest(password), digest(expected))) return user;
  }
  const why = 'Authentication failed: password is incorrect, or there is no user with such name.';
  throw failed(516, 'AUTHENTICATION_FAILED', `${user}: ${why}`);
}
