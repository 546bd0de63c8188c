import { Module } from '@nestjs/common';
import { once } from 'node:events';
import { type IncomingMessage, type ServerResponse, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createLogger } from '../telemetry/logger';
import { type ForwardOptions, forward } from './forward';
import { createHttpService } from './http-service';
import { streamBodies } from './stream-bodies';

/** For the specs of `forward`: a gateway that forwards /v1/*, and a service behind it. */
export type Stand = {
  readonly base: string;
  readonly port: number;
  readonly baseUrl: string;
  behind: (request: IncomingMessage, response: ServerResponse) => void;
  options: Partial<ForwardOptions>;
  /** The next request at the service behind. */
  arrived(): Promise<unknown>;
  close(): Promise<void>;
};

@Module({})
class Empty {}

export async function forwardStand(): Promise<Stand> {
  const server = createServer((request, response) => stand.behind(request, response));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const log = createLogger({ service: 's', instance: 's', level: 'silent', to: { write() {} } });
  const gateway = await createHttpService(Empty, { log, bind: '127.0.0.1', port: 0 });
  streamBodies(gateway.fastify, [
    {
      method: ['GET', 'POST', 'PUT', 'DELETE'],
      url: '/v1/*',
      handle: (request, reply) =>
        forward(request, reply, { name: 'entitlement', baseUrl, ...stand.options }),
    },
  ]);
  const base = await gateway.listen();
  const stand: Stand = {
    base,
    baseUrl,
    port: Number(new URL(base).port),
    behind: echo,
    options: {},
    arrived: () => once(server, 'request'),
    close: async () => {
      await gateway.close();
      server.closeAllConnections();
      server.close();
    },
  };
  return stand;
}

/** A service that answers with the request it got. */
export function echo(request: IncomingMessage, response: ServerResponse): void {
  const { method, url, headers } = request;
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify({ method, url, headers }));
}

export async function textOf(stream: AsyncIterable<unknown>): Promise<string> {
  let seen = '';
  for await (const chunk of stream) seen += String(chunk);
  return seen;
}

export async function problemOf(response: Response): Promise<Record<string, unknown>> {
  if (!response.headers.get('content-type')?.startsWith('application/problem+json'))
    throw new Error(`Not a problem: ${response.status}`);
  return (await response.json()) as Record<string, unknown>;
}
