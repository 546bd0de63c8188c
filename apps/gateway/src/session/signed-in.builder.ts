import { CSRF_HEADER, type SessionAnswer } from '@tallyward/contracts';
import type { MadeKey, TestGateway } from '../gateway.builder';

/** A browser that has signed in: what it was told, and the headers of its later requests. */
export interface SignedIn {
  readonly session: SessionAnswer;
  readonly setCookie: string;
  /** As a page of ours sends them. */
  readonly headers: Record<string, string>;
}

export const postKey = (
  gateway: TestGateway,
  body: unknown,
  headers: Record<string, string> = {},
): Promise<Response> =>
  fetch(`${gateway.url}/v1/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });

export async function signIn(gateway: TestGateway, { key }: MadeKey): Promise<SignedIn> {
  const answer = await postKey(gateway, { key });
  if (answer.status !== 200) throw new Error(`Signing in was answered ${answer.status}`);
  const session = (await answer.json()) as SessionAnswer;
  const setCookie = answer.headers.get('set-cookie') ?? '';
  const cookie = setCookie.split(';', 1)[0] ?? '';
  return { session, setCookie, headers: { cookie, [CSRF_HEADER]: session.csrf ?? '' } };
}
