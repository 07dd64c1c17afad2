import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { errorOfAnswer } from '../api/error-of-answer.ts';
import { RingError } from '../base/error.ts';

/** What `ringctl` sends beside a path. */
export interface NodeApiBody {
  readonly contentType: 'application/json' | 'text/plain';
  readonly text: string;
}

const defaultTimeoutMs = 30_000;
/** A person is told after so long what `ringctl` waits for. */
const patienceMs = 3_000;
const maxAnswerBytes = 256 * 1024 * 1024;

/**
 * The /v1 API of one node, as `ringctl` uses it: one request, one answer as text, so that `--json` can print exactly
 * what the node said. Throws RingErrors: what the node refused keeps its code; a node that is down is UNAVAILABLE and a
 * node that stays silent TIMEOUT, both naming the URL and what to do.
 */
export class NodeApi {
  readonly #url: URL;
  readonly #token: string | null;
  readonly #say: (line: string) => void;

  /** `url` is the node's origin; `token` its bearer token, or null where it asks none. `say` hears that an answer is late. */
  constructor(url: URL, token: string | null, say: (line: string) => void) {
    this.#url = url;
    this.#token = token;
    this.#say = say;
  }

  get(path: string, timeoutMs: number = defaultTimeoutMs): Promise<string> {
    return this.#send('GET', path, null, timeoutMs);
  }

  change(method: 'PUT' | 'POST' | 'DELETE', path: string, body: NodeApiBody | null = null): Promise<string> {
    return this.#send(method, path, body, defaultTimeoutMs);
  }

  #send(method: string, path: string, body: NodeApiBody | null, timeoutMs: number): Promise<string> {
    const origin = this.#url.origin;
    return new Promise((resolve, reject) => {
      const headers: Record<string, string> = { accept: 'application/json' };
      if (this.#token !== null) headers.authorization = `Bearer ${this.#token}`;
      if (body !== null) headers['content-type'] = `${body.contentType}; charset=utf-8`;
      if (body !== null) headers['content-length'] = String(Buffer.byteLength(body.text));
      const send = this.#url.protocol === 'https:' ? httpsRequest : httpRequest;
      const request = send(new URL(path, this.#url), { method, headers, agent: false });
      const deadline = setTimeout(() => request.destroy(silent(origin, timeoutMs)), timeoutMs);
      const late = setTimeout(() => this.#say(`waiting for ${origin}, up to ${timeoutMs / 1000} s`), patienceMs);
      const settle = (error: unknown, text = ''): void => {
        clearTimeout(deadline);
        clearTimeout(late);
        if (error === null) resolve(text);
        else reject(error instanceof RingError ? error : down(origin, error));
      };
      request.on('error', settle);
      request.on('response', (response) => {
        textOf(response).then((text) => {
          const status = response.statusCode ?? 0;
          settle(status >= 200 && status < 300 ? null : errorOfAnswer(origin, status, text), text);
        }, settle);
      });
      request.end(body?.text);
    });
  }
}

async function textOf(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > maxAnswerBytes) throw new RingError('TOO_LARGE', `an answer of more than ${maxAnswerBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

const startOne = 'Start murmurd there, or name a node that is up with --http URL or RINGCTL_HTTP.';

/** What the commonest errors of a socket mean here, and what to do. */
const reasons: Readonly<Record<string, readonly [why: string, hint: string]>> = {
  ECONNREFUSED: ['nothing listens there', startOne],
  ECONNRESET: [
    'the connection was closed before an answer',
    'Look whether the node still runs, and that this is its HTTP port (7601 unless said otherwise), not that of gossip.',
  ],
  EPROTO: ['it speaks no TLS', 'Nodes speak plain HTTP: give http://HOST:PORT, or the address of the proxy with TLS.'],
};

function silent(origin: string, timeoutMs: number): RingError {
  return new RingError('TIMEOUT', `${origin} did not answer within ${timeoutMs / 1000} s`, {
    hint: 'Ask another node with --http URL, or look at the log of this one.',
  });
}

function down(origin: string, error: unknown): RingError {
  const { code = '', message } = error as NodeJS.ErrnoException;
  const [why, hint] = reasons[code] ?? [message || code || String(error), startOne];
  return new RingError('UNAVAILABLE', `no node answers at ${origin} (${why})`, { hint, cause: error });
}
