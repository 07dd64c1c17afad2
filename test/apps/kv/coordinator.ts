import { type MurmuringNode, RingError, type RoutedKey } from 'murmuring';
import { keyspace } from './keyspace.ts';
import { type ReplicaDoor, StaleRoute } from './replica-door.ts';
import { newer, type VersionedValue } from './versioned-value.ts';

/** Under this name every node gossips where its replica listens. */
export const addressState = 'kv';

/** A request is tried again for so long; a ring that changes is waited for at most this long before each. */
const deadlineMs = 10_000;
const retryMs = 100;

/** No quorum within the deadline. A write may have reached some replicas all the same. */
export class NoQuorum extends Error {
  override readonly name = 'NoQuorum';
}

/**
 * Quorum reads and writes through any node: it routes by its own view of the ring, asks the replicas, and where they know
 * a newer ring, waits until this node knows it too, and routes anew.
 */
export class Coordinator {
  readonly #node: MurmuringNode;
  readonly #door: ReplicaDoor;
  #lastUs = 0;

  constructor(node: MurmuringNode, door: ReplicaDoor) {
    this.#node = node;
    this.#door = door;
  }

  /**
   * Resolves once every quorum of readers will see it, whatever the ring is becoming. Rejects with `NoQuorum`; then some
   * replicas may have it all the same. Without a timestamp it is written now, after all that this node wrote before.
   */
  async write(key: string, value: string, timestampUs: number = this.#now()): Promise<void> {
    const version = { value, timestampUs, writer: this.#node.hostId };
    await this.#insist(key, (route) =>
      this.#gather(route.writeReplicas, route.requiredWriteAcks, (address) =>
        this.#door.write(address, { key, version }, route.epoch),
      ),
    );
  }

  /** The newest value that a quorum has; null if it has none. Rejects with `NoQuorum`. */
  async read(key: string): Promise<VersionedValue | null> {
    const versions = await this.#insist(key, (route) =>
      this.#gather(route.replicas, route.requiredReads, (address) => this.#door.read(address, key, route.epoch)),
    );
    return versions.reduce(newer, null);
  }

  #now(): number {
    this.#lastUs = Math.max(this.#lastUs + 1, Date.now() * 1_000);
    return this.#lastUs;
  }

  async #insist<Answer>(key: string, once: (route: RoutedKey) => Promise<Answer>): Promise<Answer> {
    const untilMs = performance.now() + deadlineMs;
    for (;;) {
      try {
        return await once(this.#node.route(key, { keyspace }));
      } catch (error) {
        // What is wrong with the request itself is not mended by waiting.
        if (error instanceof RingError && !error.retryable) throw error;
        if (performance.now() > untilMs) throw new NoQuorum(String(error), { cause: error });
        await this.#newRing();
      }
    }
  }

  /** Resolves with the first `required` answers; rejects as soon as they cannot be had any more. */
  #gather<Answer>(
    replicas: readonly { readonly hostId: string }[],
    required: number,
    ask: (address: string) => Promise<Answer>,
  ): Promise<Answer[]> {
    return new Promise((resolve, reject) => {
      const answers: Answer[] = [];
      const failures: unknown[] = [];
      const failed = (error: unknown): void => {
        failures.push(error);
        if (replicas.length - failures.length < required) reject(worst(failures));
      };
      if (replicas.length < required) reject(new Error(`${replicas.length} replicas, ${required} are needed`));
      for (const { hostId } of replicas) {
        const address = this.#node.state(hostId, addressState);
        if (address === null) failed(new Error(`${hostId} has not said where it listens`));
        else
          ask(address).then((answer) => {
            answers.push(answer);
            if (answers.length === required) resolve(answers);
          }, failed);
      }
    });
  }

  #newRing(): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        stop();
        resolve();
      };
      const stop = this.#node.on('ring', done);
      const timer = setTimeout(done, retryMs);
    });
  }
}

/** A stale route says more than a silent replica. */
const worst = (failures: readonly unknown[]): unknown =>
  failures.find((failure) => failure instanceof StaleRoute) ?? failures[0];
