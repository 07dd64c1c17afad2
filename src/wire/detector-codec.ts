import type { Message } from '../node/message.ts';
import type { CodecTable } from './codec-table.ts';
import type { FieldReader } from './field-reader.ts';

/** What the failure detectors say. */
export type DetectorMessage = Extract<Message, { readonly kind: 'ping' | 'pong' }>;

const maxProbe = 2 ** 32 - 1;
const probeOf = (fields: FieldReader): number => fields.integer('probe', 0, maxProbe);

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
};
