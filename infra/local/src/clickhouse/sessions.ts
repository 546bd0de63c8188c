import type { UserName } from './access';
import type { SessionAsk } from './ask';
import type { ChdbEngine, EngineConnection } from './chdb-engine';
import { failed } from './errors';
import type { Limits } from './limits';

interface Kept {
  readonly connection: EngineConnection;
  busy: boolean;
  timer: NodeJS.Timeout | undefined;
}

export interface TakenSession {
  readonly connection: EngineConnection;
  giveBack(): void;
}

/** Connections kept under a `session_id`: temporary tables and SETs live as long as they do. */
export class Sessions {
  private readonly kept = new Map<string, Kept>();

  constructor(
    private readonly engine: ChdbEngine,
    private readonly limits: Limits,
  ) {}

  take(user: UserName, ask: SessionAsk): TakenSession {
    const seconds = ask.timeoutSeconds ?? this.limits.sessionTimeoutSeconds;
    if (seconds > this.limits.maxSessionTimeoutSeconds) {
      throw failed(
        374,
        'INVALID_SESSION_TIMEOUT',
        `Session timeout '${seconds}' is larger than max_session_timeout: ${this.limits.maxSessionTimeoutSeconds}`,
      );
    }
    const key = `${user} ${ask.id}`;
    const session = this.kept.get(key) ?? this.open(user, key, ask);
    if (session.busy)
      throw failed(373, 'SESSION_IS_LOCKED', `Session ${ask.id} is locked by a concurrent client`);
    session.busy = true;
    clearTimeout(session.timer);
    return {
      connection: session.connection,
      giveBack: () => {
        session.busy = false;
        if (ask.closeAfter) return this.end(key);
        session.timer = setTimeout(() => this.end(key), seconds * 1_000);
        session.timer.unref();
      },
    };
  }

  private open(user: UserName, key: string, ask: SessionAsk): Kept {
    if (ask.mustExist) throw failed(372, 'SESSION_NOT_FOUND', `Session ${ask.id} not found`);
    if (this.kept.size >= this.limits.maxSessions) {
      throw failed(202, 'TOO_MANY_SIMULTANEOUS_QUERIES', `Too many sessions: ${this.kept.size}`);
    }
    const connection = this.engine.connect(user === 'reader');
    const session: Kept = { connection, busy: false, timer: undefined };
    this.kept.set(key, session);
    return session;
  }

  private end(key: string): void {
    const session = this.kept.get(key);
    if (!session || session.busy) return;
    this.kept.delete(key);
    clearTimeout(session.timer);
    session.connection.close();
  }

  /** When the server stops and no query runs. */
  close(): void {
    for (const key of [...this.kept.keys()]) this.end(key);
  }
}
