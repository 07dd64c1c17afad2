import type { Rumors } from '../node/rumor-message.ts';
import type { CodecTable } from './codec-table.ts';
import { uuidsToBytes, uuidToBytes } from './compact-fields.ts';
import type { FieldReader } from './field-reader.ts';
import { decodeDeltas, encodeDelta } from './gossip-codec.ts';
import { decodeRecord, encodeRecord } from './ring-record-codec.ts';
import { decodeDefinition, encodeDefinition } from './schema-codec.ts';
import { wireLimits } from './wire-limits.ts';

type LivenessClaim = Rumors['claims'][number];

/** More confirmers than the detector counts are no claim of ours. */
const maxConfirmers = 8;
const livenessStates: readonly LivenessClaim['liveness'][] = ['alive', 'suspect', 'dead'];

/** Rumors: four lists, of which those at the end that are empty are left out. */
export const rumorCodecs: CodecTable<Rumors> = {
  rumors: {
    tag: 6,
    encode: ({ claims, records, definitions, deltas }) => {
      const fields = [
        deltas.map(encodeDelta),
        claims.map(encodeClaim),
        records.map(encodeRecord),
        definitions.map(encodeDefinition),
      ];
      while (fields.at(-1)?.length === 0) fields.pop();
      return fields;
    },
    decode: (fields) => {
      const rest = <T>(read: () => T[]): T[] => (fields.remaining === 0 ? [] : read());
      const deltas = rest(() => decodeDeltas(fields));
      return {
        kind: 'rumors',
        claims: rest(() => fields.list('claims', wireLimits.members, decodeClaim)),
        records: rest(() => fields.list('records', wireLimits.records, decodeRecord)),
        definitions: rest(() => fields.list('definitions', wireLimits.definitions, decodeDefinition)),
        deltas,
      };
    },
  },
};

function encodeClaim({
  hostId,
  generation,
  incarnation,
  liveness,
  accuser,
  confirmers,
  left,
}: LivenessClaim): unknown[] {
  return [
    uuidToBytes(hostId),
    generation,
    incarnation,
    livenessStates.indexOf(liveness) + (left ? livenessStates.length : 0),
    accuser === null ? null : uuidToBytes(accuser),
    uuidsToBytes(confirmers),
  ];
}

function decodeClaim(fields: FieldReader): LivenessClaim {
  const hostId = fields.uuid('hostId');
  const generation = fields.integer('generation');
  const incarnation = fields.integer('incarnation');
  const liveness = fields.integer('liveness', 0, 2 * livenessStates.length - 1);
  const accuser = fields.nullable(() => fields.uuid('accuser'));
  return {
    hostId,
    generation,
    incarnation,
    liveness: livenessStates[liveness % livenessStates.length]!,
    accuser,
    confirmers: fields.uuids('confirmers', maxConfirmers),
    left: liveness >= livenessStates.length,
  };
}
