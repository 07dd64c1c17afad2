import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

/** What a fake node answers to `METHOD path?query`: JSON with a status. */
export type FakeAnswer = (request: IncomingMessage, body: string) => { status: number; body: unknown };

/**
 * A node's HTTP side without a node: answers what a test tells it to, and streams the events that a test pushes. Takes
 * a free port and goes with the test.
 */
export class FakeNode {
  readonly requests: { method: string; url: string; headers: IncomingMessage['headers']; body: string }[] = [];
  readonly #streams = new Set<ServerResponse>();
  readonly #server = createServer((request, response) => void this.#answer(request, response));
  /** Sent to every new stream first; null sends nothing. */
  greeting: { id: string; event: string; data: unknown } | null = null;
  answer: FakeAnswer = () => ({ status: 404, body: errorBody('NOT_FOUND', 'no such path') });
  /** Answered to whoever asks for events, instead of a stream. */
  refuseEvents: { status: number; body: unknown } | null = null;
  /** Takes requests and answers none, but for events. */
  holdAnswers = false;
  /** Answers, but for events, wait for this. */
  overloaded: Promise<void> | null = null;
  address = '';

  static async start(address = '127.0.0.1:0'): Promise<FakeNode> {
    const node = new FakeNode();
    const [host, port] = address.split(':');
    await new Promise<void>((resolve) => node.#server.listen(Number(port), host, resolve));
    node.address = `127.0.0.1:${(node.#server.address() as AddressInfo).port}`;
    onTestFinished(() => node.stop());
    return node;
  }

  get origin(): string {
    return `http://${this.address}`;
  }

  get streams(): number {
    return this.#streams.size;
  }

  push(id: string, event: string, data: unknown): void {
    for (const stream of this.#streams) stream.write(frame(id, event, data));
  }

  /** Writes to every stream as it is, broken frames too. */
  pushRaw(text: string): void {
    for (const stream of this.#streams) stream.write(text);
  }

  /** Ends every stream and, unlike `stop`, goes on listening. */
  hangUp(): void {
    for (const stream of this.#streams) stream.destroy();
  }

  async stop(): Promise<void> {
    if (!this.#server.listening) return;
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#server.closeAllConnections();
    await closed;
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks).toString('utf8');
    this.requests.push({ method: request.method!, url: request.url!, headers: request.headers, body });
    if (request.url === '/v1/events' && this.refuseEvents === null) {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.flushHeaders();
      this.#streams.add(response);
      response.on('close', () => this.#streams.delete(response));
      if (this.greeting !== null) response.write(frame(this.greeting.id, this.greeting.event, this.greeting.data));
      return;
    }
    if (this.holdAnswers) return;
    await this.overloaded;
    const answer = (request.url === '/v1/events' ? this.refuseEvents : null) ?? this.answer(request, body);
    response.writeHead(answer.status, { 'content-type': 'application/json' });
    response.end(typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body));
  }
}

export function errorBody(
  code: string,
  message: string,
  hint = 'Do something else.',
): { error: Record<string, unknown> } {
  return { error: { code, message, hint, retryable: false, details: {} } };
}

function frame(id: string, event: string, data: unknown): string {
  return `id: ${id}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
}
