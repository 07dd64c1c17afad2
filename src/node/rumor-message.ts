import type { LivenessClaim } from '../detector/liveness-claim.ts';
import type { RingRecord } from '../epoch/ring-record.ts';
import type { Delta } from '../gossip/delta.ts';
import type { SchemaDefinition } from '../schema/schema-definition.ts';

/**
 * Any → a random few: what I have just learned. Each part is taken as if it had come by an exchange, a pull or a
 * proposer, and what is news there is passed on. Lost: the other copies, and then anti-entropy, bring it.
 */
export interface Rumors {
  readonly kind: 'rumors';
  readonly claims: readonly LivenessClaim[];
  /** Decided records, ascending by epoch. One that does not follow on makes the receiver ask for those between. */
  readonly records: readonly RingRecord[];
  readonly definitions: readonly SchemaDefinition[];
  readonly deltas: readonly Delta[];
}
