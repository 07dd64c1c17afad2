import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import type { Seed } from '../node/core-io.ts';
import { formatAddress, isLoopback, parseAddress } from './address.ts';

/** Names are resolved again this often: a container that comes back has another address. */
const resolveEveryMs = 5_000;

/**
 * Resolves the seed list and goes on doing so, so that a stale address is no reason to stay alone. Tells only what
 * changed. A name that does not resolve is told with no address, so that people see whom the node waits for.
 */
export class SeedResolver {
  readonly #names: readonly string[];
  readonly #lookup: (host: string) => Promise<readonly string[]>;
  readonly #tell: (seeds: readonly Seed[]) => void;
  #timer: NodeJS.Timeout | null = null;
  #told = '';
  #stopped = false;

  /** `lookUp` answers the IP addresses of a host name, or rejects. */
  constructor(
    names: readonly string[],
    tell: (seeds: readonly Seed[]) => void,
    lookUp: (host: string) => Promise<readonly string[]> = systemLookUp,
  ) {
    this.#names = names;
    this.#lookup = lookUp;
    this.#tell = tell;
  }

  async start(): Promise<void> {
    await this.#resolve();
  }

  stop(): void {
    this.#stopped = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
  }

  async #resolve(): Promise<void> {
    const seeds = await Promise.all(this.#names.map((name) => this.#resolveSeed(name)));
    if (this.#stopped) return;
    const text = JSON.stringify(seeds);
    if (text !== this.#told) {
      this.#told = text;
      this.#tell(seeds);
    }
    const fixed = this.#names.every((name) => isIP(parseAddress(name).host) !== 0);
    if (!fixed) this.#timer = setTimeout(() => void this.#resolve(), resolveEveryMs).unref();
  }

  async #resolveSeed(name: string): Promise<Seed> {
    const { host, port } = parseAddress(name);
    if (isIP(host) !== 0) return { name, literal: true, addresses: [formatAddress({ host, port })] };
    try {
      const found = [...new Set(await this.#lookup(host))];
      const leads = isLoopback(host) ? found.sort(ipv4First).slice(0, 1) : found;
      // A name that leads to several hosts is a directory, not a seed of its own: nobody founds by what it shows now.
      return {
        name,
        literal: leads.length <= 1,
        addresses: leads.map((address) => formatAddress({ host: address, port })),
      };
    } catch {
      return { name, literal: true, addresses: [] };
    }
  }
}

async function systemLookUp(host: string): Promise<string[]> {
  return (await lookup(host, { all: true })).map(({ address }) => address);
}

/** `localhost` is one host under two addresses; IPv4 is where the defaults listen. */
function ipv4First(left: string, right: string): number {
  return isIP(left) - isIP(right);
}
