import type { Rumors } from '../node/rumor-message.ts';
import { decodeClaim, encodeClaim } from './claim-codec.ts';
import type { CodecTable } from './codec-table.ts';
import { decodeDeltas, encodeDelta } from './gossip-codec.ts';
import { decodeRecord, encodeRecord } from './ring-record-codec.ts';
import { decodeDefinition, encodeDefinition } from './schema-codec.ts';
import { wireLimits } from './wire-limits.ts';

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
