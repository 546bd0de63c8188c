import type { IncomingMessage, ServerResponse } from 'node:http';
import { once } from 'node:events';
import type { Writable } from 'node:stream';
import {
  createDeflate,
  createGzip,
  deflateSync,
  gzipSync,
  type Gzip,
  type Deflate,
} from 'node:zlib';
import {
  exceptionBlock,
  mediaTypeOf,
  newExceptionTag,
  NOTHING_YET,
  sendFailure,
  setQueryHeaders,
  type AboutServer,
  type Summary,
} from './answer';
import type { Ask } from './ask';
import { BlockFraming, unframe } from './block-compression';
import { errorText, type Failure } from './errors';
import type { Limits } from './limits';
import { NativeRevision } from './native-revision';
import { Rewriters, type Rewriter } from './rewriter';
import type { AnswerSink } from './run';

/** So long a broken answer stays open: a client that unpacks would else drop its last words. */
const LINGER_MS = 100;

type Packing = 'gzip' | 'deflate' | undefined;

/**
 * The answer to one query. What fits the buffer is held until the query has ended, so that its
 * status and summary are the true ones; a larger answer begins to flow, its summary still empty,
 * and a failure then ends it with an exception block and a broken connection.
 */
export class HttpAnswer implements AnswerSink {
  private readonly listening = new AbortController();
  private readonly tag = newExceptionTag();
  private ask: Ask | undefined;
  private format = '';
  private held: Buffer[] = [];
  private heldBytes = 0;
  private holdUpTo: number;
  private packing: Packing;
  private packer: Gzip | Deflate | undefined;
  private rewriter: Rewriter | undefined;

  constructor(
    request: IncomingMessage,
    private readonly response: ServerResponse,
    private readonly about: AboutServer,
    private readonly limits: Limits,
  ) {
    this.holdUpTo = limits.answerBufferBytes;
    this.accepted = request.headers['accept-encoding'] ?? '';
    response.on('error', () => this.listening.abort());
    response.on('close', () => {
      if (!response.writableFinished) this.listening.abort();
    });
  }

  private readonly accepted: string | string[];

  get gone(): AbortSignal {
    return this.listening.signal;
  }

  expect(ask: Ask): void {
    this.ask = ask;
    if (ask.waitEnd) this.holdUpTo = this.limits.waitEndBufferBytes;
    if (!ask.httpCompression) return;
    const accepted = `${this.accepted}`.toLowerCase();
    if (/\bgzip\b/.test(accepted)) this.packing = 'gzip';
    else if (/\bdeflate\b/.test(accepted)) this.packing = 'deflate';
  }

  unblocked(body: Buffer): Buffer {
    return this.ask?.blocksIn ? unframe(body, this.limits.maxBodyBytes) : body;
  }

  begin(format: string): void {
    this.format = format;
    const revision = this.ask?.protocolVersion ?? 0;
    const steps: Rewriter[] = [];
    if (format.toLowerCase() === 'native' && revision > 0) steps.push(new NativeRevision(revision));
    if (this.ask?.blocksOut) steps.push(new BlockFraming());
    if (steps.length > 0) this.rewriter = new Rewriters(steps);
  }

  async write(bytes: Buffer): Promise<void> {
    const piece = this.rewriter ? this.rewriter.push(bytes) : bytes;
    if (piece.length > 0) await this.give(piece);
  }

  /** All that was written has been; the rest of it goes before the summary. */
  async complete(): Promise<void> {
    const rest = this.rewriter?.end();
    if (rest && rest.length > 0) await this.give(rest);
  }

  private async give(bytes: Buffer): Promise<void> {
    if (this.gone.aborted) throw new Error('the client has gone');
    if (this.response.headersSent) return this.flow(bytes);
    this.held.push(bytes);
    this.heldBytes += bytes.length;
    if (this.heldBytes <= this.holdUpTo) return;
    this.sendHead(NOTHING_YET);
    if (this.packing) {
      this.packer =
        this.packing === 'gzip' ? createGzip({ level: 3 }) : createDeflate({ level: 3 });
      this.packer.on('error', () => this.response.destroy());
      this.packer.pipe(this.response, { end: false });
    }
    this.response.flushHeaders();
    const held = this.held;
    this.held = [];
    for (const piece of held) await this.flow(piece);
  }

  private async flow(bytes: Buffer): Promise<void> {
    const out: Writable = this.packer ?? this.response;
    if (out.write(bytes)) return;
    const stalled = setTimeout(() => this.response.destroy(), this.limits.clientStallMs);
    try {
      await once(out, 'drain', { signal: this.gone });
    } finally {
      clearTimeout(stalled);
    }
  }

  private sendHead(summary: Summary): void {
    const { response } = this;
    setQueryHeaders(response, this.about, this.ask?.queryId ?? '', summary);
    response.setHeader('X-ClickHouse-Exception-Tag', this.tag);
    response.setHeader('Content-Type', mediaTypeOf(this.format));
    if (this.format) response.setHeader('X-ClickHouse-Format', this.format);
    if (this.packing) response.setHeader('Content-Encoding', this.packing);
  }

  finish(summary: Summary): void {
    if (this.response.headersSent) {
      this.endFlow(() => this.response.end());
      return;
    }
    this.sendHead(summary);
    const bytes = Buffer.concat(this.held);
    if (this.packing === 'gzip') this.response.end(gzipSync(bytes, { level: 3 }));
    else if (this.packing === 'deflate') this.response.end(deflateSync(bytes, { level: 3 }));
    else this.response.end(bytes);
  }

  fail(failure: Failure): void {
    const { response } = this;
    if (this.gone.aborted || response.destroyed) return;
    if (!response.headersSent) {
      setQueryHeaders(response, this.about, this.ask?.queryId ?? '', NOTHING_YET);
      this.sendWholeFailure(failure);
      return;
    }
    const block = exceptionBlock(failure, this.about.version, this.tag);
    (this.packer ?? response).write(block);
    // without the last chunk of the transfer no client takes the answer for a whole one
    this.endFlow(() => setTimeout(() => response.socket?.destroySoon(), LINGER_MS));
  }

  /** Once all that was packed has gone into the response. */
  private endFlow(then: () => void): void {
    if (!this.packer) return then();
    this.packer.once('end', then);
    this.packer.end();
  }

  private sendWholeFailure(failure: Failure): void {
    if (this.packing !== 'gzip') return sendFailure(this.response, failure, this.about.version);
    const text = gzipSync(errorText(failure, this.about.version));
    sendFailure(this.response, failure, this.about.version, text);
  }
}
