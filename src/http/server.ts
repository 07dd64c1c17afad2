import type { AddressInfo } from 'node:net';
import type { Logger } from 'pino';
import { RingError } from '../base/error.ts';
import type { Address } from '../base/id.ts';
import { isLoopbackHost } from './access.ts';
import { EventHub } from './event-hub.ts';
import { createHttpApp } from './http-app.ts';
import type { NodePort } from './node-port.ts';

export interface HttpServerOptions {
  /** `host` without brackets; port 0 takes a free one. */
  readonly listen: { readonly host: string; readonly port: number };
  readonly port: NodePort;
  readonly logger: Pick<Logger, 'error'>;
  /** What every request but health probes must bear; null asks for none. */
  readonly bearerToken: string | null;
  /** Whether to listen off loopback without a token. */
  readonly insecure: boolean;
}

/** An HTTP server that listens. */
export interface HttpServer {
  /** `host:port` with the real port; IPv6 in brackets. */
  readonly address: Address;
  /** Ends all requests and event streams at once. Safe to call twice. */
  close(): Promise<void>;
}

const maxConnections = 4_096;

/**
 * Serves the API of a node. Rejects with RingError INSECURE off loopback without token and without `insecure`,
 * ADDRESS_IN_USE, INVALID_ADDRESS for an address that is not this host's, INVALID_CONFIG for an empty token; then nothing
 * listens.
 */
export async function startHttpServer(options: HttpServerOptions): Promise<HttpServer> {
  const { listen, port, logger, bearerToken, insecure } = options;
  const loopback = isLoopbackHost(listen.host);
  if (bearerToken === '') {
    throw new RingError('INVALID_CONFIG', 'got an empty HTTP token, expected a secret word', {
      hint: 'Give a token, or none.',
    });
  }
  if (!loopback && bearerToken === null && !insecure) {
    throw new RingError('INSECURE', `HTTP would listen on ${listen.host}, off loopback, without a token`, {
      hint: 'Give an HTTP token (--http-token-file), listen on 127.0.0.1, or say --insecure.',
    });
  }
  const hub = new EventHub(port);
  const app = await createHttpApp({ port, hub, logger, policy: { bearerToken, loopback } });
  app.server.maxConnections = maxConnections;
  // First, for open streams: only then can the server's own close come to its end.
  app.addHook('preClose', async () => hub.close());
  try {
    await app.listen({ host: listen.host, port: listen.port });
  } catch (error) {
    hub.close();
    await app.close();
    throw listenError(error, listen);
  }
  const { address, port: taken } = app.server.address() as AddressInfo;
  return { address: addressOf(address, taken), close: () => app.close() };
}

function addressOf(host: string, port: number): Address {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

function listenError(error: unknown, { host, port }: HttpServerOptions['listen']): unknown {
  const where = addressOf(host, port);
  switch ((error as NodeJS.ErrnoException).code) {
    case 'EADDRINUSE':
      return new RingError('ADDRESS_IN_USE', `the HTTP address ${where} is in use`, {
        hint: 'Stop what listens there, or give another address with --http (port 0 takes a free one).',
        cause: error,
      });
    case 'EADDRNOTAVAIL':
    // A link-local address without its interface, and IPv6 where there is none.
    case 'EINVAL':
    case 'EAFNOSUPPORT':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return new RingError('INVALID_ADDRESS', `the HTTP address ${where} is not one of this host`, {
        hint: 'Give an address of this host with --http.',
        cause: error,
      });
    case 'EACCES':
      return new RingError('INVALID_ADDRESS', `this process may not listen on the HTTP address ${where}`, {
        hint: 'Give a port above 1023 with --http.',
        cause: error,
      });
    default:
      return error;
  }
}
