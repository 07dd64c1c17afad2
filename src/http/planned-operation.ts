import { newcomerId, type PlanKind } from '../api/plan.ts';
import { RingError } from '../base/error.ts';
import type { HostId } from '../base/id.ts';
import type { RingOperation } from '../ring/future-owners.ts';
import { mostReplicated, overRacks } from '../ring/most-replicated.ts';
import { parseReplication, type ReplicationOptions } from '../ring/replication-strategy.ts';
import type { RingMember } from '../ring/ring-member.ts';
import { unknownKeyspaceText } from '../ring/unknown-keyspace.ts';
import { parseToken, type Token } from '../token/token.ts';
import { allocateTokens } from '../token/token-allocator.ts';
import type { KnownRing, RingMemberView } from './known-ring.ts';
import type { RequestedOperation } from './operator-port.ts';

/** What a plan is asked about. What a kind has no use for is null. */
export interface PlanRequest {
  readonly operation: PlanKind;
  /** Whom it is about; null: the node that is asked. */
  readonly hostId: HostId | null;
  readonly token: string | null;
  readonly keyspace: string | null;
  readonly replication: ReplicationOptions | null;
  /** `add`: of the node that is not there yet; so are `datacenter` and `rack`. */
  readonly tokens: number;
  readonly datacenter: string | null;
  readonly rack: string | null;
}

/** An operation that is only thought of, and the owners now with those who would come. */
export interface PlannedOperation {
  readonly operation: RingOperation;
  readonly members: readonly RingMember[];
  /** As an operator asks for it; null where the node that joins does. */
  readonly asked: RequestedOperation | null;
}

/**
 * The operation that a request means. Throws RingError UNKNOWN_NODE, UNKNOWN_KEYSPACE, UNKNOWN_DATACENTER, or INVALID_ARGUMENT
 * for what is missing or does not fit.
 */
export function plannedOperation(
  request: PlanRequest,
  known: KnownRing,
  self: HostId,
  keyspaces: ReadonlyMap<string, ReplicationOptions>,
): PlannedOperation {
  const owners = known.members.filter(({ owner }) => owner);
  const nothing = { replaces: null, alter: null } as const;
  switch (request.operation) {
    case 'decommission':
    case 'removenode': {
      const { hostId, tokens } = memberOf(known, demanded(request, self));
      return {
        operation: { kind: request.operation, subjects: [{ hostId, tokens }], ...nothing },
        members: owners,
        asked: { operation: request.operation, hostId },
      };
    }
    case 'move': {
      const { hostId } = memberOf(known, demanded(request, self));
      const tokens = [parseToken(required('token', request.token))];
      return {
        operation: { kind: 'move', subjects: [{ hostId, tokens }], ...nothing },
        members: owners,
        asked: { operation: 'move', hostId, tokens },
      };
    }
    case 'replace': {
      const dead = memberOf(known, required('hostId', request.hostId));
      const newcomer = newcomerAt(request, dead, dead.tokens);
      return {
        operation: { kind: 'replace', subjects: [newcomer], replaces: dead.hostId, alter: null },
        members: [...owners, newcomer],
        asked: null,
      };
    }
    case 'add': {
      const place = owners.find(({ hostId }) => hostId === self) ?? owners[0];
      const newcomer = newcomerAt(request, place ?? { datacenter: 'dc1', rack: 'rack1' }, []);
      const joining = { ...newcomer, tokens: tokensFor(newcomer, request.tokens, owners, keyspaces) };
      return {
        operation: { kind: 'bootstrap', subjects: [joining], ...nothing },
        members: [...owners, joining],
        asked: null,
      };
    }
    case 'alter': {
      const keyspace = required('keyspace', request.keyspace);
      if (!keyspaces.has(keyspace)) {
        throw new RingError('UNKNOWN_KEYSPACE', unknownKeyspaceText(keyspace, keyspaces), {
          hint: 'Put a new keyspace with `ringctl schema put keyspace`.',
        });
      }
      const datacenters = [...new Set(owners.map(({ datacenter }) => datacenter))].sort();
      const { options } = parseReplication(required('replication', request.replication), datacenters);
      return {
        operation: {
          kind: 'alterReplication',
          subjects: [],
          replaces: null,
          alter: { keyspace, replication: options },
        },
        members: owners,
        asked: { operation: 'alterReplication', keyspace, replication: options },
      };
    }
  }
}

/** Only a removal must name its host: nobody removes the node that is asked by leaving a word out. */
function demanded({ operation, hostId }: PlanRequest, self: HostId): HostId {
  return operation === 'removenode' ? required('hostId', hostId) : (hostId ?? self);
}

function required<Value>(name: string, value: Value | null): Value {
  if (value !== null) return value;
  throw new RingError('INVALID_ARGUMENT', `got no ${name}, which this plan needs`, {
    hint: 'See /openapi.json, or `ringctl plan --help`.',
  });
}

function memberOf({ members }: KnownRing, hostId: HostId): RingMemberView {
  const member = members.find((each) => each.hostId === hostId);
  if (member !== undefined) return member;
  throw new RingError('UNKNOWN_NODE', `${hostId} is no member of the ring`, {
    hint: 'Give a host id as `ringctl status` shows it.',
  });
}

function newcomerAt(
  { datacenter, rack }: PlanRequest,
  place: { readonly datacenter: string; readonly rack: string },
  tokens: readonly Token[],
): RingMember {
  return { hostId: newcomerId, datacenter: datacenter ?? place.datacenter, rack: rack ?? place.rack, tokens };
}

/** As a join would allocate them: by the keyspace with the most replicas in the newcomer's datacenter. */
function tokensFor(
  { hostId, datacenter, rack }: RingMember,
  count: number,
  owners: readonly RingMember[],
  keyspaces: ReadonlyMap<string, ReplicationOptions>,
): Token[] {
  const datacenters = [...new Set([...owners.map((owner) => owner.datacenter), datacenter])];
  const taken = new Set(owners.flatMap(({ tokens }) => tokens));
  const near = owners.filter((owner) => owner.datacenter === datacenter);
  const racks = [rack, ...near.map((owner) => owner.rack)];
  return allocateTokens({
    owners: near,
    newcomer: { hostId, rack },
    count,
    ...overRacks(mostReplicated(datacenter, keyspaces.values(), datacenters), racks),
    isTaken: (token) => taken.has(token),
  });
}
