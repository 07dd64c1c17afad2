import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';

/** Looks a host name up: its IP addresses, best first. Rejects, or gives none, for a name that leads nowhere. */
export type LookUp = (name: string) => Promise<readonly string[]>;

/** As the system does it: hosts file included, in its order. */
export const systemLookUp: LookUp = async (name) => (await lookup(name, { all: true })).map((each) => each.address);

/** A name is looked up at most this often: long enough not to ask for each message, short for a pod that moved. */
const keptMs = 5_000;
const maxNames = 10_000;

/**
 * IP addresses of host names, asked for anew after five seconds, failures too. What is known serves until the answer is
 * there: a name service that is slow or down cuts no node off that was reached before. Addresses pass through.
 */
export class NameCache {
  readonly #lookUp: LookUp;
  readonly #family: 4 | 6 | null;
  readonly #known = new Map<string, { readonly ip: string | null; readonly atMs: number }>();
  readonly #asking = new Map<string, Promise<string | null>>();

  /** `family`: the only one that can be reached; null when both can. */
  constructor(family: 4 | 6 | null, lookUp: LookUp = systemLookUp) {
    this.#family = family;
    this.#lookUp = lookUp;
  }

  /** The IP address, null for a name that leads nowhere; a promise only while nothing is known but by the network. */
  resolve(host: string): string | null | Promise<string | null> {
    if (isIP(host) !== 0) return this.#reachable(host) ? host : null;
    const known = this.#known.get(host);
    if (known !== undefined && performance.now() - known.atMs < keptMs) return known.ip;
    const asked = this.#asked(host);
    return known?.ip ?? asked;
  }

  /** Whoever lived there did not answer: looks again now, not after the five seconds. */
  askAgain(host: string): void {
    if (this.#known.get(host)?.ip) void this.#asked(host);
  }

  #asked(host: string): Promise<string | null> {
    const asking = this.#asking.get(host) ?? this.#ask(host);
    this.#asking.set(host, asking);
    return asking;
  }

  /** Never rejects. */
  async #ask(host: string): Promise<string | null> {
    let ip: string | null;
    try {
      ip = (await this.#lookUp(host)).find((each) => this.#reachable(each)) ?? null;
    } catch {
      // Nobody said that the host is gone from where it was; of a name that was never resolved it is an answer too.
      ip = this.#known.get(host)?.ip ?? null;
    }
    this.#asking.delete(host);
    if (this.#known.size >= maxNames) this.#known.clear();
    this.#known.set(host, { ip, atMs: performance.now() });
    return ip;
  }

  #reachable(ip: string): boolean {
    return this.#family === null || isIP(ip) === this.#family;
  }
}
