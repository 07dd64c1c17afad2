import { appendFileSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Part } from './part.ts';

/** Raised when a part shows something else under the same name: what was kept of it before is passed over. */
const edition = 2;

/** What one world of a part gave, as it is kept: one line of JSON. */
export interface Result {
  readonly part: string;
  readonly nodes: number;
  readonly seed: number;
  readonly tookMs: number;
  readonly revision: string;
  readonly sample: unknown;
}

/** A world that threw. Its figures are missing until it is made again and does not. */
export interface Failure extends Omit<Result, 'tookMs' | 'sample'> {
  readonly failed: string;
}

/** Which world, and what it threw. */
export const failureText = ({ part, nodes, seed, failed }: Failure): string =>
  `${part}, ${nodes} nodes, seed ${seed} (${failed})`;

/** The samples measured so far: a file of lines for each part, so that a run can stop at any moment and be gone on with. */
export class Results {
  readonly #directory: string;
  readonly #results = new Map<string, Result[]>();
  /** By part and seed. */
  readonly #failures = new Map<string, Failure>();

  /** `fresh`: what is there is deleted. */
  constructor(directory: string, fresh: boolean) {
    this.#directory = directory;
    if (fresh) rmSync(directory, { recursive: true, force: true });
    mkdirSync(directory, { recursive: true });
    for (const name of readdirSync(directory)) {
      const lines = readFileSync(join(directory, name), 'utf8').split('\n');
      // A line that was being written when the run was stopped is no result.
      for (const line of lines) {
        if (!line.endsWith('}')) continue;
        const kept = JSON.parse(line) as (Result | Failure) & { readonly edition?: number };
        if (kept.edition === edition) this.#keep(kept);
      }
    }
  }

  /** Ascending by seed, each seed once. */
  of(part: Part): readonly Result[] {
    return this.#results.get(keyOf(part.name, part.nodes)) ?? [];
  }

  has(part: Part, seed: number): boolean {
    return this.of(part).some((result) => result.seed === seed);
  }

  /** Of those whose seed has no result. */
  get failures(): readonly Failure[] {
    return [...this.#failures.values()];
  }

  add(result: Result | Failure): void {
    this.#keep(result);
    const name = `${keyOf(result.part, result.nodes).replace(/[^a-z0-9.]+/gi, '-')}.jsonl`;
    appendFileSync(join(this.#directory, name), `${JSON.stringify({ edition, ...result })}\n`);
  }

  #keep(result: Result | Failure): void {
    const key = keyOf(result.part, result.nodes);
    if ('failed' in result) {
      this.#failures.set(`${key} ${result.seed}`, result);
      return;
    }
    this.#failures.delete(`${key} ${result.seed}`);
    const kept = (this.#results.get(key) ?? []).filter(({ seed }) => seed !== result.seed);
    this.#results.set(
      key,
      [...kept, result].sort((left, right) => left.seed - right.seed),
    );
  }
}

const keyOf = (part: string, nodes: number): string => `${nodes} ${part}`;
