import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { isIPv6 } from 'node:net';
import { maxDatagramFrameBytes } from '../wire/envelope.ts';
import type { NameCache } from './name-cache.ts';
import { formatAddress, type HostAndPort } from './socket-address.ts';

/** Datagrams that may wait for a name's address: more are dropped, as the network would. */
const maxWaiting = 1_024;

/** The UDP half of a node: frames in and out, opaque to it. */
export class DatagramSocket {
  readonly #socket: Socket;
  readonly #dualStack: boolean;
  readonly #names: NameCache;
  #waiting = 0;
  #unsent = 0;
  #flushed: (() => void) | null = null;
  #closed = false;

  private constructor(socket: Socket, dualStack: boolean, names: NameCache) {
    this.#socket = socket;
    this.#dualStack = dualStack;
    this.#names = names;
  }

  /** Binds to an IP address and port. Rejects with the system's error. */
  static async bind(ip: string, port: number, names: NameCache): Promise<DatagramSocket> {
    const socket = createSocket({ type: isIPv6(ip) ? 'udp6' : 'udp4' });
    const bound = once(socket, 'listening');
    socket.bind({ address: ip, port, exclusive: true });
    try {
      await bound;
    } catch (error) {
      socket.close();
      throw error;
    }
    return new DatagramSocket(socket, ip === '::', names);
  }

  /** Frames that arrive, of any length. */
  onFrame(listener: (frame: Uint8Array, from: string) => void): void {
    this.#socket.on('message', (frame, from) => listener(frame, formatAddress(from.address, from.port)));
    // Without a listener an error of the socket would end the process; a send that fails is a datagram lost.
    this.#socket.on('error', () => {});
  }

  /** Sends a frame; `lost` is called if the host's name leads nowhere. */
  send(frame: Uint8Array, { host, port }: HostAndPort, lost: () => void): void {
    if (this.#closed || frame.length > maxDatagramFrameBytes) return;
    const ip = this.#names.resolve(host);
    if (typeof ip === 'string') return this.#send(frame, ip, port);
    if (ip === null) return lost();
    if (this.#waiting >= maxWaiting) return;
    this.#waiting++;
    ip.then((found) => {
      this.#waiting--;
      if (this.#closed) return;
      if (found === null) lost();
      else this.#send(frame, found, port);
    });
  }

  /** Closes once the datagrams given to `send` are with the system, or after `graceMs`. */
  async close(graceMs: number): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    if (this.#unsent > 0) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, graceMs);
        this.#flushed = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    await new Promise<void>((resolve) => this.#socket.close(resolve));
  }

  #send(frame: Uint8Array, ip: string, port: number): void {
    const target = this.#dualStack && !ip.includes(':') ? `::ffff:${ip}` : ip;
    this.#unsent++;
    this.#socket.send(frame, port, target, () => {
      if (--this.#unsent === 0) this.#flushed?.();
    });
  }
}
