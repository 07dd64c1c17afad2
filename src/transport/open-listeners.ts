import { once } from 'node:events';
import { type AddressInfo, createServer, isIP, type Server } from 'node:net';
import { RingError } from '../base/error.ts';
import { DatagramSocket } from './datagram-socket.ts';
import { type LookUp, NameCache, systemLookUp } from './name-cache.ts';
import { formatAddress, type HostAndPort } from './socket-address.ts';

/** How often a free TCP port may turn out to be taken for UDP before we give up. */
const maxAttempts = 20;

/** UDP and TCP on one address and port. */
export interface Listeners {
  readonly address: HostAndPort;
  readonly names: NameCache;
  readonly datagrams: DatagramSocket;
  readonly server: Server;
}

/**
 * Listens on UDP and TCP on one port; port 0 takes one that is free for both. Rejects with RingError ADDRESS_IN_USE, or
 * INVALID_ADDRESS for a host that is not this machine's; then nothing listens.
 */
export async function openListeners(listen: HostAndPort, lookUp: LookUp = systemLookUp): Promise<Listeners> {
  const host = await ipOf(listen.host, lookUp);
  for (let attempt = 1; ; attempt++) {
    const server = createServer();
    try {
      server.listen({ host, port: listen.port });
      await once(server, 'listening');
      // The system's spelling: an IPv6 address has many, and `::` alone takes both families.
      const { address: ip, port } = server.address() as AddressInfo;
      const names = new NameCache(ip === '::' ? null : isIP(ip) === 6 ? 6 : 4, lookUp);
      const datagrams = await DatagramSocket.bind(ip, port, names);
      return { address: { host: ip, port }, names, datagrams, server };
    } catch (error) {
      server.close(() => {});
      if (listen.port === 0 && isInUse(error) && attempt < maxAttempts) continue;
      throw listenError(listen, error);
    }
  }
}

async function ipOf(host: string, lookUp: LookUp): Promise<string> {
  if (isIP(host) !== 0) return host;
  const addresses = await lookUp(host).catch(() => []);
  // Loopback by name means the address that everybody expects there.
  const ip = addresses.find((each) => isIP(each) === 4) ?? addresses[0];
  if (ip !== undefined) return ip;
  throw new RingError('INVALID_ADDRESS', `got listen host ${host}, which leads to no address`, {
    hint: 'Listen on an IP address of this machine, or on a name that resolves to one.',
  });
}

const isInUse = (error: unknown): boolean => (error as NodeJS.ErrnoException).code === 'EADDRINUSE';

function listenError({ host, port }: HostAndPort, cause: unknown): RingError {
  const address = formatAddress(host, port);
  if (isInUse(cause)) {
    return new RingError('ADDRESS_IN_USE', `${address} is in use by another process (UDP or TCP)`, {
      hint: 'Stop that process, or listen on another port (port 0 takes a free one).',
      details: { address },
      cause,
    });
  }
  return new RingError('INVALID_ADDRESS', `cannot listen on ${address}: ${(cause as Error).message}`, {
    hint: 'Listen on an address of this machine and a port that this user may open.',
    details: { address },
    cause,
  });
}
