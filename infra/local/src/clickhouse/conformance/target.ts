import { request, type IncomingHttpHeaders, type OutgoingHttpHeaders } from 'node:http';
import { LOADER_PASSWORD, SpawnedServer } from './spawned-server';

/**
 * What the conformance list is pointed at: our own server in a process of its own, or any
 * ClickHouse whose address stands in TALLYWARD_CLICKHOUSE_URL_CONFORMANCE
 * (`http://user:password@host:port`, a user that may create databases) and, for what is asked
 * of the read-only user, TALLYWARD_CLICKHOUSE_READER_URL_CONFORMANCE.
 */
export interface Target {
  readonly loader: URL;
  readonly reader: URL | undefined;
  readonly own: SpawnedServer | undefined;
  end(): Promise<void>;
}

export async function openTarget(env: NodeJS.ProcessEnv = process.env): Promise<Target> {
  const given = env.TALLYWARD_CLICKHOUSE_URL_CONFORMANCE;
  const reader = env.TALLYWARD_CLICKHOUSE_READER_URL_CONFORMANCE;
  if (given) {
    return {
      loader: new URL(given),
      reader: reader ? new URL(reader) : undefined,
      own: undefined,
      end: () => Promise.resolve(),
    };
  }
  const own = await SpawnedServer.start();
  return {
    loader: new URL(`http://loader:${LOADER_PASSWORD}@127.0.0.1:${own.port}`),
    reader: new URL(`http://reader@127.0.0.1:${own.port}`),
    own,
    end: () => own.end(),
  };
}

export interface Sent {
  readonly method?: 'GET' | 'POST' | 'HEAD' | 'PUT';
  readonly path?: string;
  /** Each pair once more when the value is a list. */
  readonly url?: Readonly<Record<string, string>>;
  readonly headers?: OutgoingHttpHeaders;
  readonly body?: string | Buffer | readonly (string | Buffer)[];
  /** Without it the credentials of the target's address go as basic auth. */
  readonly auth?: 'none';
}

export interface Got {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly bytes: Buffer;
  readonly text: string;
  /** The answer ended before it was complete. */
  readonly broken: boolean;
}

const ANSWER_WITHIN_MS = 60_000;

/** One HTTP request as a plain client sends it; a list of bodies goes as chunks. */
export function send(base: URL, sent: Sent): Promise<Got> {
  const url = new URL(sent.path ?? '/', base);
  for (const [name, value] of Object.entries(sent.url ?? {})) url.searchParams.append(name, value);
  const auth =
    sent.auth === 'none' ? undefined : `${base.username}:${decodeURIComponent(base.password)}`;
  const method = sent.method ?? 'POST';
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    const options = { method, auth, headers: { ...sent.headers }, timeout: ANSWER_WITHIN_MS };
    const bare = new URL(url);
    bare.username = '';
    bare.password = '';
    const out = request(bare, options, (answer) => {
      const done = (broken: boolean): void => {
        const bytes = Buffer.concat(chunks);
        const text = bytes.toString();
        resolve({ status: answer.statusCode ?? 0, headers: answer.headers, bytes, text, broken });
      };
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.on('end', () => done(false));
      answer.on('error', () => done(true));
    });
    out.on('error', reject);
    out.on('timeout', () => out.destroy(new Error('no answer in time')));
    if (Array.isArray(sent.body)) for (const piece of sent.body as Buffer[]) out.write(piece);
    else if (sent.body !== undefined) return void out.end(sent.body as string | Buffer);
    out.end();
  });
}
