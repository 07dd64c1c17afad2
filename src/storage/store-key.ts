import type { StoreRecord } from '../node/store-record.ts';

/** The parts of a store, each a sublevel of its own. */
export const storeParts = ['identity', 'lifecycle', 'promises', 'records', 'peers', 'schema'] as const;
export type StorePart = (typeof storeParts)[number];

/** Where a record stands: a newer one of the same part and key takes its place. */
export interface StoreKey {
  readonly part: StorePart;
  readonly key: string;
}

/** The place of a record; of `forgetPeer`, the place that it empties; of `ringForgotten`, one that no store holds. */
export function storeKeyOf(record: StoreRecord): StoreKey {
  switch (record.kind) {
    case 'identity':
      return { part: 'identity', key: 'self' };
    case 'lifecycle':
      return { part: 'lifecycle', key: 'self' };
    case 'movements':
      return { part: 'lifecycle', key: 'movements' };
    case 'acceptor':
      return { part: 'promises', key: 'acceptor' };
    case 'remembered':
      return { part: 'promises', key: `voter:${record.voter.hostId}` };
    case 'ringRecord':
      return { part: 'records', key: ringRecordKey(record.record.epoch) };
    case 'ringSnapshot':
      return { part: 'records', key: 'snapshot' };
    case 'ringForgotten':
      return { part: 'records', key: 'forgotten' };
    case 'peer':
      return { part: 'peers', key: record.peer.hostId };
    case 'forgetPeer':
      return { part: 'peers', key: record.hostId };
    case 'schema':
      return { part: 'schema', key: `${record.definition.type}:${record.definition.name}` };
  }
}

/** Keys of ring records: `epoch:` and 16 hex digits, big-endian, so that their order is that of the epochs. */
export function ringRecordKey(epoch: number): string {
  return `epoch:${epoch.toString(16).padStart(16, '0')}`;
}

/** The lowest key that a ring record can have. */
export const firstRingRecordKey: string = ringRecordKey(0);
