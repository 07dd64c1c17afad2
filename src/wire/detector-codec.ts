import type { Message } from '../node/message.ts';
import { decodeClaim, encodeClaim, type LivenessClaim } from './claim-codec.ts';
import type { CodecTable } from './codec-table.ts';
import { uuidToBytes } from './compact-fields.ts';
import type { FieldReader } from './field-reader.ts';
import { wireLimits } from './wire-limits.ts';

type DetectorKind =
  | 'ping'
  | 'pong'
  | 'probe'
  | 'probeAck'
  | 'probeRequest'
  | 'probeRelay'
  | 'nack'
  | 'confirm'
  | 'confirmed'
  | 'claims';

/** What the failure detectors say. */
export type DetectorMessage = Extract<Message, { readonly kind: DetectorKind }>;

const maxProbe = 2 ** 32 - 1;
const verdicts = ['alive', 'unreachable', 'unsure'] as const;

const probeOf = (fields: FieldReader): number => fields.integer('probe', 0, maxProbe);
const lifeOf = (fields: FieldReader): { generation: number; incarnation: number } => ({
  generation: fields.integer('generation'),
  incarnation: fields.integer('incarnation'),
});
const buddyOf = (fields: FieldReader): LivenessClaim | null =>
  fields.nullable(() => fields.nested('buddy', decodeClaim));
const encodeBuddy = (buddy: LivenessClaim | null): unknown => (buddy === null ? null : encodeClaim(buddy));

/** Probes and their answers. */
export const detectorCodecs: CodecTable<DetectorMessage> = {
  ping: {
    tag: 16,
    encode: ({ probe }) => [probe],
    decode: (fields) => ({ kind: 'ping', probe: probeOf(fields) }),
  },
  pong: {
    tag: 17,
    encode: ({ probe }) => [probe],
    decode: (fields) => ({ kind: 'pong', probe: probeOf(fields) }),
  },
  probe: {
    tag: 18,
    encode: ({ probe, buddy }) => [probe, encodeBuddy(buddy)],
    decode: (fields) => ({ kind: 'probe', probe: probeOf(fields), buddy: buddyOf(fields) }),
  },
  probeAck: {
    tag: 19,
    encode: ({ probe, generation, incarnation, buddy }) => [probe, generation, incarnation, encodeBuddy(buddy)],
    decode: (fields) => ({ kind: 'probeAck', probe: probeOf(fields), ...lifeOf(fields), buddy: buddyOf(fields) }),
  },
  probeRequest: {
    tag: 20,
    encode: ({ probe, target }) => [probe, uuidToBytes(target)],
    decode: (fields) => ({ kind: 'probeRequest', probe: probeOf(fields), target: fields.uuid('target') }),
  },
  probeRelay: {
    tag: 21,
    encode: ({ probe, target, generation, incarnation }) => [probe, uuidToBytes(target), generation, incarnation],
    decode: (fields) => ({
      kind: 'probeRelay',
      probe: probeOf(fields),
      target: fields.uuid('target'),
      ...lifeOf(fields),
    }),
  },
  nack: {
    tag: 22,
    encode: ({ probe }) => [probe],
    decode: (fields) => ({ kind: 'nack', probe: probeOf(fields) }),
  },
  confirm: {
    tag: 23,
    encode: ({ probe, hostId, generation, incarnation }) => [probe, uuidToBytes(hostId), generation, incarnation],
    decode: (fields) => ({ kind: 'confirm', probe: probeOf(fields), hostId: fields.uuid('hostId'), ...lifeOf(fields) }),
  },
  confirmed: {
    tag: 24,
    encode: ({ probe, verdict, generation, incarnation }) => [
      probe,
      verdicts.indexOf(verdict),
      generation,
      incarnation,
    ],
    decode: (fields) => ({
      kind: 'confirmed',
      probe: probeOf(fields),
      verdict: fields.oneOf('verdict', verdicts),
      ...lifeOf(fields),
    }),
  },
  claims: {
    tag: 25,
    encode: ({ claims }) => [claims.map(encodeClaim)],
    decode: (fields) => ({ kind: 'claims', claims: fields.list('claims', wireLimits.members, decodeClaim) }),
  },
};
