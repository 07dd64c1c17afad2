import { type ClientRequest, request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { createParser } from 'eventsource-parser';
import { errorOfAnswer } from '../api/error-of-answer.ts';
import { RingError } from '../base/error.ts';
import type { ContactPoint } from './contact-point.ts';

/** What every request of one client carries. */
export interface HttpDoorOptions {
  /** Bearer token, or null where the cluster asks none. */
  readonly token: string | null;
  /** PEM certificates to trust instead of the system's, or null. Used with `https` only. */
  readonly ca: string | Uint8Array | null;
}

/** One server-sent event: `id` is what a later `Last-Event-ID` names. */
export interface StreamEvent {
  readonly id: string | null;
  readonly event: string;
  readonly data: string;
}

/** What an event stream is opened with. */
export interface EventStreamOptions {
  readonly lastEventId: string | null;
  /** How long the answer's head may take. */
  readonly connectTimeoutMs: number;
  /** How long nothing, not even a keep-alive comment, may come before the stream counts as dead. */
  readonly idleTimeoutMs: number;
  /** The node has agreed to send. */
  readonly onOpen: () => void;
  readonly onEvent: (event: StreamEvent) => void;
  /** The stream ended, or never opened: told once, last, and never after `close`. */
  readonly onEnd: (error: RingError) => void;
}

/** An event stream that is open or opening. `close` is safe to call twice; after it nothing is reported any more. */
export interface EventStream {
  close(): void;
}

/** Far above a ring of 10,000 members with 16 tokens each; a peer that sends more is no node of ours. */
const maxAnswerBytes = 64 * 1024 * 1024;
const maxErrorBytes = 64 * 1024;

/**
 * GET requests to one contact point at a time, nothing kept between them: whom to ask, and when again, is decided by
 * `LiveRing`. All failures are RingErrors: what the node refused keeps its code, a node out of reach is UNAVAILABLE,
 * a slow one TIMEOUT.
 */
export class HttpDoor {
  readonly #options: HttpDoorOptions;
  readonly #asking = new Set<ClientRequest>();

  constructor(options: HttpDoorOptions) {
    this.#options = options;
  }

  /**
   * Gets a JSON answer, whole within `timeoutMs`, from a node that takes the connection within `connectTimeoutMs`. The caller
   * checks its shape.
   */
  getJson(
    point: ContactPoint,
    path: string,
    { connectTimeoutMs, timeoutMs }: { readonly connectTimeoutMs: number; readonly timeoutMs: number },
  ): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const request = this.#request(point, path, { accept: 'application/json' });
      this.#asking.add(request);
      const giveUpAfter = (ms: number) => setTimeout(() => request.destroy(timedOut(point, path, ms)), ms);
      const deadline = giveUpAfter(timeoutMs);
      const connecting = giveUpAfter(connectTimeoutMs);
      const connected = point.protocol === 'https:' ? 'secureConnect' : 'connect';
      request.on('socket', (socket) => socket.once(connected, () => clearTimeout(connecting)));
      const settle = (error: unknown, answer?: unknown): void => {
        clearTimeout(deadline);
        clearTimeout(connecting);
        this.#asking.delete(request);
        if (error === null) resolve(answer);
        else reject(unreachable(point, error));
      };
      request.on('error', (error) => settle(error));
      request.on('response', (response) => {
        readBody(response, maxAnswerBytes).then(
          (body) => {
            if (response.statusCode !== 200) return settle(refusal(point, response, body));
            const answer = jsonOf(body);
            return answer === undefined ? settle(noNode(point, 'an answer that is no JSON')) : settle(null, answer);
          },
          (error: unknown) => settle(error),
        );
      });
      request.end();
    });
  }

  /** Opens a stream of server-sent events. Throws nothing: all that happens is told to the listeners of `options`. */
  openEvents(point: ContactPoint, path: string, options: EventStreamOptions): EventStream {
    const resume: Record<string, string> = options.lastEventId === null ? {} : { 'last-event-id': options.lastEventId };
    let over = false;
    let request: ClientRequest;
    try {
      request = this.#request(point, path, { accept: 'text/event-stream', ...resume });
    } catch (error) {
      queueMicrotask(() => over || options.onEnd(noRequest(error)));
      return {
        close: () => {
          over = true;
        },
      };
    }
    const end = (error: unknown): void => {
      clearTimeout(deadline);
      request.destroy();
      if (over) return;
      over = true;
      options.onEnd(unreachable(point, error));
    };
    const deadline = setTimeout(() => end(timedOut(point, path, options.connectTimeoutMs)), options.connectTimeoutMs);
    request.on('error', end);
    request.on('response', (response) => {
      const type = response.headers['content-type'] ?? 'none';
      if (response.statusCode !== 200) {
        readBody(response, maxErrorBytes).then((body) => end(refusal(point, response, body)), end);
        return;
      }
      if (!/^text\/event-stream\b/.test(type)) return end(noNode(point, `${type} instead of events`));
      clearTimeout(deadline);
      const parser = createParser({
        maxBufferSize: maxAnswerBytes,
        onEvent: ({ id, event, data }) => {
          if (!over) options.onEvent({ id: id ?? null, event: event ?? 'message', data });
        },
        onError: (error) => {
          if (error.type === 'max-buffer-size-exceeded') end(noNode(point, 'an event beyond all limits'));
        },
      });
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        if (!over) parser.feed(chunk);
      });
      response.on('error', end);
      response.on('close', () => end(new RingError('UNAVAILABLE', `${point.origin} ended the event stream`)));
      request.setTimeout(options.idleTimeoutMs, () => end(timedOut(point, path, options.idleTimeoutMs)));
      if (!over) options.onOpen();
    });
    request.end();
    return {
      close: () => {
        over = true;
        clearTimeout(deadline);
        request.destroy();
      },
    };
  }

  /** Breaks off every `getJson` that waits, with STOPPED. */
  close(): void {
    for (const request of this.#asking) request.destroy(new RingError('STOPPED', 'the client was closed'));
  }

  #request(point: ContactPoint, path: string, headers: Record<string, string>): ClientRequest {
    const { token, ca } = this.#options;
    const secure = point.protocol === 'https:';
    return (secure ? httpsRequest : httpRequest)({
      hostname: point.hostname,
      port: point.port,
      path,
      // A connection of its own each time: requests are rare, and none must wait in a pool behind a dead one.
      agent: false,
      headers: token === null ? headers : { ...headers, authorization: `Bearer ${token}` },
      ...(secure && ca !== null ? { ca: typeof ca === 'string' ? ca : Buffer.from(ca) } : {}),
    });
  }
}

async function readBody(response: IncomingMessage, maxBytes: number): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > maxBytes) throw new RingError('TOO_LARGE', `an answer of more than ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** What the node says. That it stops is its matter alone: another one answers, or itself once it is started again. */
function refusal(point: ContactPoint, { statusCode }: IncomingMessage, body: string): RingError {
  const error = errorOfAnswer(point.origin, statusCode ?? 0, body);
  if (error.code !== 'STOPPED') return error;
  return new RingError('UNAVAILABLE', `${point.origin} is stopping`, { cause: error });
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function timedOut(point: ContactPoint, path: string, timeoutMs: number): RingError {
  return new RingError('TIMEOUT', `${point.origin}${path} sent nothing for ${timeoutMs} ms`, {
    hint: 'Check that the node is up and not overloaded, or give contactPoints more nodes.',
  });
}

function noNode(point: ContactPoint, got: string): RingError {
  return new RingError('UNAVAILABLE', `${point.origin} sent ${got}`, {
    hint: 'Check that this is the HTTP address of a murmuring node.',
  });
}

/** Node.js makes no request of such options at all, whomever it would be sent to. */
function noRequest(cause: unknown): RingError {
  const said = cause instanceof Error ? cause.message : String(cause);
  return new RingError('INVALID_ARGUMENT', `no request can be made with these options: ${said}`, {
    hint: 'Check token (visible ASCII, no line break at its end) and ca (PEM certificates).',
    cause,
  });
}

/** Errors of sockets and TLS, by what they mean for the caller; a RingError passes as it is. */
function unreachable(point: ContactPoint, error: unknown): RingError {
  if (error instanceof RingError) return error;
  const said = error instanceof Error ? error.message || ((error as NodeJS.ErrnoException).code ?? '') : String(error);
  return new RingError('UNAVAILABLE', `${point.origin} cannot be reached: ${said}`, {
    hint: 'Check the address and that the node is up.',
    cause: error,
  });
}
