import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import type { Seed } from '../node/core-io.ts';
import { formatAddress, isLoopback, parseAddress } from './address.ts';

/** Names are resolved, and a file is read, again this often: a container that comes back has another address. */
const resolveEveryMs = 5_000;
/** More are a directory of the cluster, not a way into it. */
export const maxSeeds = 100;

/** Where the seed list comes from. */
export interface SeedSource {
  /** The list as it is now: addresses whose host is an IP address or a name. */
  names(): Promise<readonly string[]>;
  /** An operator gave the same list to all: they may found by it. */
  readonly literal: boolean;
  /** The list may be another one later. */
  readonly changes: boolean;
}

/** A list that was given once. */
export function fixedSeeds(names: readonly string[]): SeedSource {
  return { names: async () => names, literal: true, changes: false };
}

/**
 * Resolves the seed list and goes on doing so, so that a stale address is no reason to stay alone. Tells only what
 * changed. A name that does not resolve is told with no address, so that people see whom the node waits for.
 */
export class SeedResolver {
  readonly #source: SeedSource;
  readonly #lookup: (host: string) => Promise<readonly string[]>;
  readonly #tell: (seeds: readonly Seed[]) => void;
  #timer: NodeJS.Timeout | null = null;
  #told = '';
  #stopped = false;

  /** `lookUp` answers the IP addresses of a host name, or rejects. */
  constructor(
    source: SeedSource,
    tell: (seeds: readonly Seed[]) => void,
    lookUp: (host: string) => Promise<readonly string[]> = systemLookUp,
  ) {
    this.#source = source;
    this.#lookup = lookUp;
    this.#tell = tell;
  }

  /** Looks now, and again every few seconds where something may change. Rejects as the source does. */
  async look(): Promise<void> {
    const names = await this.#source.names();
    const seeds = await Promise.all(names.map((name) => this.#resolveSeed(name)));
    if (this.#stopped) return;
    const text = JSON.stringify(seeds);
    if (text !== this.#told) {
      this.#told = text;
      this.#tell(seeds);
    }
    const fixed = !this.#source.changes && names.every((name) => isIP(parseAddress(name).host) !== 0);
    if (this.#timer !== null) clearTimeout(this.#timer);
    if (!fixed) this.#timer = setTimeout(() => void this.look(), resolveEveryMs).unref();
  }

  stop(): void {
    this.#stopped = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
  }

  async #resolveSeed(name: string): Promise<Seed> {
    const { host, port } = parseAddress(name);
    const { literal } = this.#source;
    if (isIP(host) !== 0) return { name, literal, addresses: [formatAddress({ host, port })] };
    try {
      const found = [...new Set(await this.#lookup(host))];
      const leads = isLoopback(host) ? found.sort(ipv4First).slice(0, 1) : found;
      // A name that leads to several hosts is a directory, not a seed of its own: nobody founds by what it shows now.
      return {
        name,
        literal: literal && leads.length <= 1,
        addresses: leads.map((address) => formatAddress({ host: address, port })),
      };
    } catch {
      return { name, literal, addresses: [] };
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
