import type { HostId } from '../base/id.ts';
import type { Token } from '../token/token.ts';

/** An owner of tokens, and where it stands: all that replica placement looks at. Immutable and shared. */
export interface RingMember {
  readonly hostId: HostId;
  readonly datacenter: string;
  readonly rack: string;
  readonly tokens: readonly Token[];
}
