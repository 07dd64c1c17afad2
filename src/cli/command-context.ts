import type { Command } from 'commander';
import type { Static, TSchema } from 'typebox';
import { Check, Clean } from 'typebox/value';
import { RingError } from '../base/error.ts';
import type { CliIo } from './cli-io.ts';
import { NodeApi, type NodeApiBody } from './node-api.ts';
import { readTextFile } from './text-file.ts';

const defaultUrl = 'http://127.0.0.1:7601';

/** What one run of a command works with: the node that the global options name, and where to print. */
export class CommandContext {
  readonly #api: NodeApi;
  readonly #io: CliIo;
  readonly #json: boolean;

  readonly #token: string | null;
  readonly #url: URL;

  /** Reads the global options of `command`. Throws INVALID_ARGUMENT for a bad URL or an unreadable token file. */
  constructor(command: Command, io: CliIo) {
    const { http, tokenFile, json } = command.optsWithGlobals<{ http?: string; tokenFile?: string; json?: true }>();
    this.#url = urlOf(http ?? (io.env.RINGCTL_HTTP || defaultUrl));
    this.#token = tokenOf(tokenFile, io);
    this.#io = io;
    this.#api = this.#apiAt(this.#url);
    this.#json = json === true;
  }

  /** Asks the node and prints its answer: as it came with `--json`, else as `render` has it. Returns the answer. */
  async show<S extends TSchema>(
    path: string,
    schema: S,
    render: (answer: Static<S>) => string,
    timeoutMs?: number,
  ): Promise<Static<S>> {
    const text = await this.#api.get(path, timeoutMs);
    const answer = understood(path, schema, text);
    this.#print(this.#json ? text : render(answer));
    return answer;
  }

  /** Asks the node, or the one at another HTTP address, and prints nothing. */
  async ask<S extends TSchema>(
    path: string,
    schema: S,
    at: string | null = null,
    timeoutMs?: number,
  ): Promise<Static<S>> {
    const api = at === null ? this.#api : this.#apiAt(urlOf(`${this.#url.protocol}//${at}`));
    return understood(path, schema, await api.get(path, timeoutMs));
  }

  /** Has the node change something, with a body of JSON, and prints nothing. */
  async post<S extends TSchema>(path: string, schema: S, body: object | null): Promise<Static<S>> {
    const json = body === null ? null : ({ contentType: 'application/json', text: JSON.stringify(body) } as const);
    return understood(path, schema, await this.#api.change('POST', path, json));
  }

  /** Prints an answer: as JSON with `--json`, else the text that is made of it. */
  tell(answer: unknown, text: string): void {
    this.#print(this.#json ? JSON.stringify(answer) : text);
  }

  /** Has the node change something and prints `done`, or with `--json` what the node answered. */
  async change(method: 'PUT' | 'POST' | 'DELETE', path: string, body: NodeApiBody | null, done: string): Promise<void> {
    const text = await this.#api.change(method, path, body);
    this.#print(this.#json ? text : done);
  }

  #apiAt(url: URL): NodeApi {
    const { stderr } = this.#io;
    return new NodeApi(url, this.#token, (line) => {
      if (stderr.isTTY === true) stderr.write(`ringctl: ${line}\n`);
    });
  }

  #print(text: string): void {
    if (text !== '') this.#io.stdout.write(text.endsWith('\n') ? text : `${text}\n`);
  }
}

function urlOf(text: string): URL {
  // As everywhere else an address may be given as host:port alone.
  const full = /^[^/]+:\d+$/.test(text) ? `http://${text}` : text;
  const url = URL.canParse(full) ? new URL(full) : null;
  if (url !== null && /^https?:$/.test(url.protocol) && url.pathname === '/') return url;
  throw new RingError('INVALID_ADDRESS', `the node's URL is ${JSON.stringify(text)}, expected http://HOST:PORT`, {
    hint: 'Give --http or RINGCTL_HTTP as http://HOST:PORT or https://HOST:PORT.',
  });
}

function tokenOf(file: string | undefined, io: CliIo): string | null {
  const token = file === undefined ? (io.env.MURMURING_HTTP_TOKEN ?? '') : readTextFile(file, 'token file');
  const trimmed = token.trim();
  if (/^[\x21-\x7e]*$/.test(trimmed)) return trimmed === '' ? null : trimmed;
  throw new RingError('INVALID_ARGUMENT', 'the bearer token is not one word of printable ASCII', {
    hint: 'Give the same token that the node was started with.',
  });
}

/** The answer as its schema says; fields that a newer node adds are ignored. */
function understood<S extends TSchema>(path: string, schema: S, text: string): Static<S> {
  let answer: unknown;
  try {
    answer = Clean(schema, JSON.parse(text));
  } catch {
    answer = undefined;
  }
  if (Check(schema, answer)) return answer as Static<S>;
  throw new RingError('UNSUPPORTED', `the node's answer to ${path} is not what this ringctl understands`, {
    hint: 'Check that the URL is that of a murmuring node, and use the ringctl of its version.',
  });
}
