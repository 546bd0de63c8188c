import type { IncomingMessage, ServerResponse } from 'node:http';
import { ROLES, type UserName } from './access';
import { HttpAnswer } from './http-answer';
import { readAsk, type Ask } from './ask';
import { readBody } from './body';
import { failureOf } from './errors';
import type { Gate } from './gate';
import type { Limits } from './limits';
import { runQuery, type Runner } from './run';
import type { Sessions } from './sessions';
import { queryOf } from './sql-of';
import { authenticate } from './users';

export interface QueryDoor extends Runner {
  readonly gate: Gate;
  readonly limits: Limits;
  readonly sessions: Sessions;
  readonly passwords: Readonly<Record<UserName, string>>;
  /** The engine holds a query beyond every deadline: nothing but a new process helps. */
  wedged(why: string): void;
}

/** One query request from its headers to the last byte of its answer; never throws. */
export async function answerQuery(
  door: QueryDoor,
  request: IncomingMessage,
  response: ServerResponse,
  url: URLSearchParams,
): Promise<void> {
  const answer = new HttpAnswer(request, response, door.engine, door.limits);
  let leave: (() => void) | undefined;
  try {
    const user = authenticate(request, url, door.passwords);
    const ask = readAsk(request, url);
    answer.expect(ask);
    leave = await door.gate.enter();
    const body = await readBody(request, door.limits.maxBodyBytes, door.limits.bodyWithinMs);
    const summary = await run(door, answer, user, ask, body);
    await answer.complete();
    answer.finish(summary);
  } catch (error) {
    answer.fail(failureOf(error));
  } finally {
    leave?.();
  }
}

async function run(
  door: QueryDoor,
  answer: HttpAnswer,
  user: UserName,
  ask: Ask,
  body: Buffer,
): Promise<Parameters<HttpAnswer['finish']>[0]> {
  const query = queryOf(ask.query, answer.unblocked(body));
  const kept = ask.session ? door.sessions.take(user, ask.session) : undefined;
  const readOnly = user === ROLES.reader || (ask.readOnly && !kept);
  const connection = kept?.connection ?? door.engine.connect(readOnly);
  const { maxExecutionSeconds, wedgedAfterMs } = door.limits;
  const lastWord = maxExecutionSeconds * 1_000 + wedgedAfterMs;
  const late = setTimeout(() => door.wedged(`query ${ask.queryId}: ${lastWord} ms`), lastWord);
  try {
    return await runQuery(door, connection, user, ask, query, answer);
  } finally {
    clearTimeout(late);
    if (kept) kept.giveBack();
    else connection.close();
  }
}
