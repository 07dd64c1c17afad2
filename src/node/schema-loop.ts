import { RingError } from '../base/error.ts';
import type { HostId } from '../base/id.ts';
import { shuffle } from '../base/random.ts';
import type { EpochRecord } from '../epoch/epoch-register.ts';
import { beginOf, type RingRecord } from '../epoch/ring-record.ts';
import { ApplicationState } from '../gossip/application-state.ts';
import { parseReplication } from '../ring/replication-strategy.ts';
import type { SchemaDefinition, SchemaDefinitionType } from '../schema/schema-definition.ts';
import type { SchemaMessage, SchemaPush, SchemaVersionNotice } from '../schema/schema-message.ts';
import { type PullerEffects, SchemaPuller } from '../schema/schema-puller.ts';
import { schemaFormat } from '../schema/schema-version.ts';
import type { Command } from './command.ts';
import type { Source } from './core-io.ts';
import type { Membership } from './membership.ts';
import type { NodeContext } from './node-context.ts';
import type { StoreRecord } from './store-record.ts';

/** How many live hosts an edit is pushed to. */
const pushedTo = 3;

/**
 * Joins the schema to the node: edits are durable before they are answered, the version is gossiped under SCHEMA, and an
 * unknown version is pulled from one holder.
 */
export class SchemaLoop {
  readonly #context: NodeContext;
  readonly #membership: Membership;
  readonly #puller: SchemaPuller;
  readonly #pullerEffects: PullerEffects;
  readonly #changed: (definitions: readonly SchemaDefinition[]) => void;

  /** `changed` is called with what is new after the version moved, within the same step. */
  constructor(
    context: NodeContext,
    membership: Membership,
    changed: (definitions: readonly SchemaDefinition[]) => void,
  ) {
    this.#context = context;
    this.#membership = membership;
    this.#changed = changed;
    this.#puller = new SchemaPuller({ random: context.random, isAlive: (hostId) => membership.isAlive(hostId) });
    this.#pullerEffects = {
      pull: (hostId, version) => context.sendTo(hostId, { kind: 'schemaPull', version }),
      schedule: (mark, delayMs) => context.effects.schedule({ kind: 'schemaPull', mark }, delayMs),
    };
  }

  begin(): void {
    this.#puller.begin(this.#context.now, this.#context.protocols.schema.version, this.#pullerEffects);
  }

  put(commandId: number, command: Extract<Command, { kind: 'putSchema' }>): void {
    this.#edit(commandId, () => {
      const { now, self, protocols } = this.#context;
      const replication =
        command.replication === null
          ? null
          : parseReplication(command.replication, this.#membership.datacenters()).options;
      const { type, name, document } = command;
      const news = protocols.schema.put(now, self.hostId, { type, name, replication, document });
      // What stands so already may be another's edit that is still on its way to the disk.
      return { definition: news ?? protocols.schema.get(type, name)!, isNews: news !== null };
    });
  }

  drop(commandId: number, type: SchemaDefinitionType, name: string): void {
    const { now, self, protocols } = this.#context;
    this.#edit(commandId, () => ({
      definition: protocols.schema.drop(now, self.hostId, type, name),
      isNews: true,
    }));
  }

  /** A host gossiped its SCHEMA version. */
  reported(hostId: HostId): void {
    const version = this.#context.stateValue(hostId, ApplicationState.schema);
    if (version !== null) this.#puller.reported(this.#context.now, hostId, version, this.#pullerEffects);
  }

  /** A version that a live host holds and that is not known here, in a sentence; null when there is none to wait for. */
  awaited(): string | null {
    const skipped = new Set(this.#context.config.skipSchema);
    for (const { version, holders } of this.#puller.awaited()) {
      const waitedFor = holders.filter(
        (holder) =>
          this.#membership.isAlive(holder) &&
          !skipped.has(holder) &&
          !skipped.has(this.#context.addressOf(holder) ?? ''),
      );
      if (!skipped.has(version) && waitedFor.length > 0) {
        return `schema version ${version} of ${waitedFor.join(', ')} was not received yet`;
      }
    }
    return null;
  }

  /** A stream to this host broke: a pull that was under way goes to the next holder. */
  sendFailed(hostId: HostId): void {
    this.#puller.failed(this.#context.now, hostId, this.#pullerEffects);
  }

  gone(hostId: HostId): void {
    this.#puller.gone(hostId);
  }

  timer(mark: number): void {
    this.#puller.timer(this.#context.now, mark, this.#pullerEffects);
  }

  receive(from: Source, message: SchemaMessage): void {
    switch (message.kind) {
      case 'schemaPull':
        this.#context.send(from.hostId, from.replyTo, this.#push());
        return;
      case 'schemaVersion':
        return this.#met(from, message);
      case 'schemaPush':
        if (message.format !== schemaFormat) {
          this.#context.log(
            'warn',
            'schemaFormat',
            `${from.hostId} holds schema format ${message.format}: not comparable`,
            {},
          );
          return;
        }
        this.learn(message.definitions);
        this.#puller.received(this.#context.now, from.hostId, message.version, this.#pullerEffects);
        return;
    }
  }

  /** Versions that differ are pulled, each side from the other. */
  #met(from: Source, { version, answer }: SchemaVersionNotice): void {
    const { now, protocols } = this.#context;
    const mine = protocols.schema.version;
    if (version === mine) return;
    this.#puller.reported(now, from.hostId, version, this.#pullerEffects);
    if (!answer) {
      this.#context.send(from.hostId, from.replyTo, { kind: 'schemaVersion', version: mine, answer: true });
    }
  }

  #push(): SchemaPush {
    const { schema } = this.#context.protocols;
    return { kind: 'schemaPush', format: schemaFormat, version: schema.version, definitions: schema.definitions() };
  }

  /**
   * An edit, and nothing else of the schema, is sent to a few at once, with every detector and so that it is not lost. Who
   * lacked more than this, and the others, learn the version by gossip, and pull from many instead of one.
   */
  #pushToSome(definition: SchemaDefinition): void {
    const { self, random } = this.#context;
    const live = this.#membership
      .members()
      .filter(({ hostId, liveness }) => hostId !== self.hostId && liveness === 'alive');
    const news = { kind: 'rumors', claims: [], records: [], definitions: [definition], deltas: [] } as const;
    for (const { hostId } of shuffle(live, random).slice(0, pushedTo)) this.#context.sendTo(hostId, news, 'stream');
  }

  /** What is to be on disk together with these records, lest a crash leaves the ring without what it has decided. */
  besides(batch: readonly EpochRecord[]): StoreRecord[] {
    // What an adopted history altered long ago came with its schema.
    if (batch.some(({ kind }) => kind === 'ringForgotten')) return [];
    const altered = batch.flatMap((each) => (each.kind === 'ringRecord' ? this.#alteredBy(each.record) : []));
    return altered.map((definition) => ({ kind: 'schema', definition }));
  }

  decided(record: RingRecord): void {
    this.learn(this.#alteredBy(record));
  }

  /**
   * A ring operation that altered a keyspace has ended: every node defines it anew by itself. The live agreed on the schema
   * before that, so they give it one stamp; who was behind learns of theirs. Nothing happens if it was dropped meanwhile.
   */
  #alteredBy({ kind, operationId, proposer }: RingRecord): SchemaDefinition[] {
    const { register, schema } = this.#context.protocols;
    const alter = kind === 'end' ? beginOf(register.log.records, operationId)?.alter : null;
    const held = alter ? schema.get('keyspace', alter.keyspace) : null;
    if (!alter || held === null) return [];
    const stamp = { timeMs: held.stamp.timeMs + 1, hostId: proposer };
    return [{ ...held, stamp, replication: alter.replication }];
  }

  /** Takes definitions that somebody else holds. */
  learn(definitions: readonly SchemaDefinition[]): void {
    const { protocols, now, effects } = this.#context;
    const { changed, refused } = protocols.schema.merge(definitions, now);
    for (const refusal of refused) {
      this.#context.log('warn', 'schemaRefused', `definition ${refusal.name} refused: ${refusal.reason}`, {});
    }
    for (const definition of changed) effects.save({ kind: 'schema', definition });
    if (changed.length > 0) this.#moved(changed);
  }

  #edit(commandId: number, edit: () => { readonly definition: SchemaDefinition; readonly isNews: boolean }): void {
    const { effects, protocols } = this.#context;
    try {
      const { definition, isNews } = edit();
      this.#context.commit([{ kind: 'schema', definition }], () => {
        if (isNews) {
          this.#moved([definition]);
          this.#pushToSome(definition);
        }
        this.#context.effects.complete(commandId, { ok: { version: protocols.schema.version } });
      });
    } catch (error) {
      if (!(error instanceof RingError)) throw error;
      effects.complete(commandId, { error });
    }
  }

  #moved(definitions: readonly SchemaDefinition[]): void {
    const { version } = this.#context.protocols.schema;
    this.#puller.localChanged(this.#context.now, version, this.#pullerEffects);
    this.#context.effects.emit({ kind: 'schema', version });
    this.#changed(definitions);
  }
}
