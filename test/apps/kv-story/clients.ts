import { setTimeout as sleep } from 'node:timers/promises';
import type { Random } from '#dist/base/random';
import type { Ledger } from './ledger.ts';

/** Of so many keys each writer writes over and over; every other write has a key of its own. */
const overwrittenKeys = 8;
/** Each client waits so long between two requests, so that the cluster and not the clients sets the pace of the story. */
const paceMs = 10;
/** A coordinator gives up on its own; this is for one that dies. */
const requestMs = 15_000;

/** Writers and readers that go on until they are stopped, each request through a node at random. */
export class Clients {
  readonly #ledger: Ledger;
  readonly #random: Random;
  /** Addresses of the nodes that serve now. */
  readonly #addresses: () => readonly string[];
  readonly #nowMs: () => number;
  readonly #running: Promise<void>[] = [];
  #stopped = false;
  #lastUs = 0;

  constructor(ledger: Ledger, random: Random, addresses: () => readonly string[], nowMs: () => number) {
    this.#ledger = ledger;
    this.#random = random;
    this.#addresses = addresses;
    this.#nowMs = nowMs;
  }

  start(writers: number, readers: number): void {
    for (let writer = 0; writer < writers; writer++) this.#running.push(this.#write(writer));
    for (let reader = 0; reader < readers; reader++) this.#running.push(this.#read());
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await Promise.all(this.#running);
  }

  /** Reads a key until a quorum answers; false if it misses what was acknowledged. Throws when none answers in a minute. */
  async readBack(key: string): Promise<boolean> {
    for (const untilMs = this.#nowMs() + 60_000; ; ) {
      const judged = await this.#judge(key);
      if (judged !== null) return judged;
      if (this.#nowMs() > untilMs) throw new Error(`no quorum answers for ${key}`);
      await sleep(100);
    }
  }

  async #write(writer: number): Promise<void> {
    for (let number = 0; !this.#stopped; number++) {
      const key = this.#random.fraction() < 0.5 ? `w${writer}-${number}` : `w${writer}-o${number % overwrittenKeys}`;
      const timestampUs = this.#now();
      const body = JSON.stringify({ value: `${writer}:${number}`, timestampUs });
      const headers = { 'content-type': 'application/json' };
      const answer = await this.#ask(key, { method: 'PUT', headers, body });
      if (answer?.status === 204) this.#ledger.acknowledged(key, timestampUs);
      else this.#ledger.refused++;
      await sleep(paceMs);
    }
  }

  async #read(): Promise<void> {
    while (!this.#stopped) {
      const { keys } = this.#ledger;
      if (keys.length > 0) await this.#judge(keys[this.#random.below(keys.length)]!);
      await sleep(paceMs);
    }
  }

  /** Null: no quorum answered. */
  async #judge(key: string): Promise<boolean | null> {
    const acknowledgedUs = this.#ledger.newest(key);
    const answer = await this.#ask(key, {});
    if (answer?.status === 404) return this.#ledger.judge(key, acknowledgedUs, null, this.#nowMs());
    if (answer?.status !== 200) return null;
    const { timestampUs } = (await answer.json()) as { timestampUs: number };
    return this.#ledger.judge(key, acknowledgedUs, timestampUs, this.#nowMs());
  }

  /** Null: the node did not answer. */
  async #ask(key: string, init: RequestInit): Promise<Response | null> {
    const addresses = this.#addresses();
    const address = addresses[this.#random.below(addresses.length)];
    if (address === undefined) return null;
    const signal = AbortSignal.timeout(requestMs);
    return fetch(`http://${address}/kv/${key}`, { ...init, signal }).catch(() => null);
  }

  #now(): number {
    this.#lastUs = Math.max(this.#lastUs + 1, Date.now() * 1_000);
    return this.#lastUs;
  }
}
