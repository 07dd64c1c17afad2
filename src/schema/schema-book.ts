import { RingError } from '../base/error.ts';
import type { HostId } from '../base/id.ts';
import { dayMs, type Now } from '../base/time.ts';
import { type DefinitionRefusal, refusalOfDefinition, schemaLimits } from './definition-limits.ts';
import type { SchemaDefinition, SchemaDefinitionType, SchemaStamp } from './schema-definition.ts';
import { digestOfDefinition, schemaVersionOf } from './schema-version.ts';

/** What is to be defined: a keyspace has a canonical replication, a document has its text, the other one is null. */
export type SchemaEdit = Pick<SchemaDefinition, 'type' | 'name' | 'replication' | 'document'>;

export interface SchemaMerge {
  /** What was news and is in the book now: to be saved. */
  readonly changed: readonly SchemaDefinition[];
  /** What may not stand in a schema, or was stamped more than a day ahead of this node's clock. */
  readonly refused: readonly { readonly type: SchemaDefinitionType; readonly name: string; readonly reason: string }[];
}

interface Entry {
  readonly definition: SchemaDefinition;
  readonly digest: string;
}

/**
 * All definitions that a node knows, tombstones included, each the last writer's by stamp: merging is commutative,
 * associative and idempotent, so any order of hearing ends equal. Equal stamps (a writer that crashed before its edit was
 * durable, and edited again) are settled by the greater digest.
 */
export class SchemaBook {
  readonly #entries = new Map<string, Entry>();
  /** The length of all of them together. */
  #chars = 0;
  #version: string | null = null;
  #keyspacesVersion: string | null = null;

  /** From what the store held, which was checked there. */
  constructor(definitions: readonly SchemaDefinition[] = []) {
    for (const definition of definitions) this.#take(definition);
  }

  /** The content version (UUID), tombstones and stamps counted. */
  get version(): string {
    this.#version ??= schemaVersionOf([...this.#entries.values()].map((entry) => entry.digest));
    return this.#version;
  }

  /** The content version of the keyspaces alone: where replicas stand depends on nothing else of the schema. */
  get keyspacesVersion(): string {
    this.#keyspacesVersion ??= schemaVersionOf(
      [...this.#entries.values()]
        .filter(({ definition }) => definition.type === 'keyspace')
        .map((entry) => entry.digest),
    );
    return this.#keyspacesVersion;
  }

  /** The live definition, or null. */
  get(type: SchemaDefinitionType, name: string): SchemaDefinition | null {
    const definition = this.#entries.get(keyOf(type, name))?.definition;
    return definition === undefined || isTombstone(definition) ? null : definition;
  }

  /** Live definitions, by type then name. */
  list(): SchemaDefinition[] {
    return this.definitions().filter((definition) => !isTombstone(definition));
  }

  /** All definitions, tombstones included, by type then name. */
  definitions(): SchemaDefinition[] {
    return [...this.#entries].sort(([left], [right]) => (left < right ? -1 : 1)).map(([, entry]) => entry.definition);
  }

  /**
   * Defines or, for a document, redefines. The definition to make durable and spread; null if it stands so already.
   * Throws RingError INVALID_ARGUMENT or TOO_LARGE for what may not stand in a schema, UNSUPPORTED for a new replication
   * of an existing keyspace, CLOCK_OFF if this clock is more than a day behind the name's last edit. State is unchanged
   * on error.
   */
  put(now: Now, hostId: HostId, edit: SchemaEdit): SchemaDefinition | null {
    const { type, name, replication, document } = edit;
    if (type === 'keyspace' ? replication == null : document == null) {
      throw new RingError(
        'INVALID_ARGUMENT',
        `got ${type} ${name} without its content, expected a ${contentOf(type)}`,
        {
          hint: `give the ${contentOf(type)}, or drop the ${type}`,
        },
      );
    }
    const refusal = refusalOfDefinition({ ...edit, stamp: { timeMs: 0, hostId } });
    if (refusal !== null) throw refusedEdit(refusal);
    const held = this.get(type, name);
    if (held !== null && sameContent(held, edit)) return null;
    if (held !== null && type === 'keyspace') {
      throw new RingError(
        'UNSUPPORTED',
        `keyspace ${name} exists with replication ${JSON.stringify(held.replication)}; got ${JSON.stringify(replication)}`,
        {
          hint: 'another replication moves ownership of data and is an operation of the ring, not an edit of the schema: `ringctl alter`',
          details: { keyspace: name },
        },
      );
    }
    if (this.#entries.size >= schemaLimits.definitions && !this.#entries.has(keyOf(type, name))) {
      throw new RingError(
        'TOO_LARGE',
        `the schema has ${this.#entries.size} definitions, dropped ones included, expected fewer than ${schemaLimits.definitions}`,
        {
          hint: 'put it under the name of a definition that was dropped',
        },
      );
    }
    const replaced = this.#entries.get(keyOf(type, name));
    const chars = this.#chars - (replaced === undefined ? 0 : charsOf(replaced.definition)) + charsOf(edit);
    if (chars > schemaLimits.totalChars) {
      throw new RingError(
        'TOO_LARGE',
        `with ${type} ${name} the schema would have ${chars} characters, expected at most ${schemaLimits.totalChars}`,
        { hint: 'drop what is not needed, or keep a reference in the document instead of the data' },
      );
    }
    return this.#edit(now, hostId, { type, name, replication, document });
  }

  /**
   * Puts a tombstone in place of a live definition and returns it, to make durable and spread.
   * Throws RingError NOT_FOUND if there is none, CLOCK_OFF as `put` does. State is unchanged on error.
   */
  drop(now: Now, hostId: HostId, type: SchemaDefinitionType, name: string): SchemaDefinition {
    if (this.get(type, name) === null) {
      const names = this.list()
        .filter((each) => each.type === type)
        .map((each) => each.name);
      throw new RingError('NOT_FOUND', `there is no ${type} ${JSON.stringify(name)} in the schema`, {
        hint: names.length === 0 ? `no ${type} is defined` : `known are: ${names.slice(0, 20).join(', ')}`,
      });
    }
    return this.#edit(now, hostId, { type, name, replication: null, document: null });
  }

  /** Takes what another member sent. Bad input is refused one by one, with its reason; it never throws. */
  merge(definitions: readonly SchemaDefinition[], now: Now): SchemaMerge {
    const changed: SchemaDefinition[] = [];
    const refused: SchemaMerge['refused'][number][] = [];
    for (const definition of definitions) {
      const { type, name, stamp } = definition;
      // Most of what a pull brings: to compare it costs a hundredth of checking and hashing it again.
      if (this.#holds(definition)) continue;
      const reason = refusalOfDefinition(definition)?.reason ?? refusalOfStamp(stamp, now);
      if (reason !== null) refused.push({ type, name: name.slice(0, schemaLimits.nameChars), reason });
      else if (this.#take(definition)) changed.push(definition);
    }
    return { changed, refused };
  }

  #edit(now: Now, hostId: HostId, edit: SchemaEdit): SchemaDefinition {
    const seenMs = this.#entries.get(keyOf(edit.type, edit.name))?.definition.stamp.timeMs ?? 0;
    const stamp = { timeMs: Math.max(Math.floor(now.wallMs), seenMs + 1), hostId };
    const definition: SchemaDefinition = { ...edit, stamp };
    const refusal = refusalOfDefinition(definition);
    if (refusal !== null) throw refusedEdit(refusal);
    const refusedStamp = refusalOfStamp(stamp, now);
    if (refusedStamp !== null) {
      throw new RingError('CLOCK_OFF', `${edit.type} ${edit.name}: an edit now would be ${refusedStamp}`, {
        hint: 'set the clock of this host (NTP); the last edit of this name lies that far in its future',
      });
    }
    this.#take(definition);
    return definition;
  }

  #holds(definition: SchemaDefinition): boolean {
    const held = this.#entries.get(keyOf(definition.type, definition.name))?.definition;
    return held !== undefined && compareStamps(definition.stamp, held.stamp) === 0 && sameContent(held, definition);
  }

  /** True if it was news. */
  #take(definition: SchemaDefinition): boolean {
    const key = keyOf(definition.type, definition.name);
    const held = this.#entries.get(key);
    const order = held === undefined ? 1 : compareStamps(definition.stamp, held.definition.stamp);
    if (order < 0) return false;
    const entry = { definition, digest: digestOfDefinition(definition) };
    if (order === 0 && entry.digest <= held!.digest) return false;
    this.#chars += charsOf(definition) - (held === undefined ? 0 : charsOf(held.definition));
    this.#entries.set(key, entry);
    this.#version = this.#keyspacesVersion = null;
    return true;
  }
}

const refusedEdit = ({ code, reason }: DefinitionRefusal): RingError =>
  new RingError(code, reason, { hint: 'nothing was changed; correct it and try again' });

/** The length of what is stored of a definition: name, replication map, text. */
function charsOf({ name, replication, document }: SchemaEdit): number {
  return name.length + (document?.length ?? 0) + (replication === null ? 0 : JSON.stringify(replication).length);
}

/** Negative, zero or positive, as `left` is older than, the same as or newer than `right`. */
export function compareStamps(left: SchemaStamp, right: SchemaStamp): number {
  if (left.timeMs !== right.timeMs) return left.timeMs - right.timeMs;
  return left.hostId < right.hostId ? -1 : left.hostId > right.hostId ? 1 : 0;
}

function refusalOfStamp({ timeMs, hostId }: SchemaStamp, now: Now): string | null {
  if (!Number.isSafeInteger(timeMs) || timeMs < 0) return `stamped ${timeMs} by ${hostId}, expected unix milliseconds`;
  const aheadMs = timeMs - now.wallMs;
  return aheadMs <= dayMs
    ? null
    : `stamped ${Math.round(aheadMs / 1_000)} s ahead of this clock, expected at most ${dayMs / 1_000} s (by ${hostId})`;
}

function sameContent(held: SchemaDefinition, { replication, document }: SchemaEdit): boolean {
  if (held.document !== document || (held.replication === null) !== (replication === null)) return false;
  const keys = Object.keys(replication ?? {});
  return (
    keys.length === Object.keys(held.replication ?? {}).length &&
    keys.every((key) => held.replication?.[key] === replication?.[key])
  );
}

const keyOf = (type: SchemaDefinitionType, name: string): string => `${type}:${name}`;
const contentOf = (type: SchemaDefinitionType): string => (type === 'keyspace' ? 'replication map' : 'text');
const isTombstone = (definition: SchemaDefinition): boolean =>
  definition.replication === null && definition.document === null;
