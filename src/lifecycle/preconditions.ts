import { RingError, type RingErrorCode } from '../base/error.ts';
import type { HostId } from '../base/id.ts';
import { isVoter, majority, type RecordedMember, type RingState, votersOf } from '../epoch/ring-state.ts';
import { parseReplication, type ReplicationOptions, replicationOf } from '../ring/replication-strategy.ts';
import type { RingMember } from '../ring/ring-member.ts';
import { unknownKeyspaceText } from '../ring/unknown-keyspace.ts';
import { isToken, minToken } from '../token/token.ts';
import { ownedTokens } from './bootstrap.ts';
import { describeOpen } from './open-operation.ts';
import type { OperationRequest } from './operation-request.ts';

/** What an operation is judged by, as one node knows it now. */
export interface RingFacts {
  readonly self: HostId;
  readonly state: RingState;
  /** The owners, with their places. */
  readonly owners: readonly RingMember[];
  /** Keyspace → its replication map. */
  readonly keyspaces: ReadonlyMap<string, ReplicationOptions>;
  readonly datacenters: readonly string[];
  liveness(hostId: HostId): 'alive' | 'suspect' | 'dead';
  isDrained(hostId: HostId): boolean;
}

/** The rules that an operator can break, each with a name for programs (`details.rule`). */
export type OperationRule =
  | 'notJoined'
  | 'unknownHost'
  | 'removedHost'
  | 'notMember'
  | 'notNormal'
  | 'drained'
  | 'isSelf'
  | 'isLive'
  | 'isDead'
  | 'lastOwner'
  | 'beingReplaced'
  | 'tooFewReplicas'
  | 'severalTokens'
  | 'badToken'
  | 'sameToken'
  | 'tokenTaken'
  | 'unknownKeyspace'
  | 'sameReplication'
  | 'notRemoved'
  | 'operationOpen'
  | 'noMajority';

/** Rules nest, and the first one broken is the answer. */
const broken = (
  rule: OperationRule,
  message: string,
  hint: string,
  code: RingErrorCode = 'REFUSED',
  details: Readonly<Record<string, string | readonly string[]>> = {},
): never => {
  throw new RingError(code, message, { hint, details: { rule, ...details } });
};

/**
 * Checks an operation before anything of it is said (Cassandra: the checks of StorageService.decommission, removenode and
 * move). Throws the first rule that it breaks as RingError REFUSED, UNKNOWN_NODE, UNKNOWN_KEYSPACE, UNKNOWN_DATACENTER,
 * INVALID_ARGUMENT, OPERATION_OPEN or NO_MAJORITY, with `details.rule`. Of these rules
 * `force` passes over `tooFewReplicas` alone: what makes an operation impossible cannot be forced.
 */
export function checkOperation(request: OperationRequest, force: boolean, facts: RingFacts): void {
  checkProposer(facts);
  switch (request.operation) {
    case 'decommission': {
      const leaver = normalMember(request.hostId, facts);
      checkServes(leaver.hostId, facts);
      checkAlive(leaver.hostId, facts, 'use removenode: the others fetch its ranges from one another');
      checkNotLast(leaver.hostId, facts);
      if (!force) checkReplicasLeft(leaver.hostId, facts);
      break;
    }
    case 'removenode': {
      const { hostId } = normalMember(request.hostId, facts);
      checkGone(hostId, facts);
      break;
    }
    case 'move':
      checkAlive(request.hostId, facts, 'start it first');
      checkServes(request.hostId, facts);
      checkMove(normalMember(request.hostId, facts), request.tokens, facts);
      break;
    case 'alterReplication':
      checkAlteration(request.keyspace, request.replication, facts);
      break;
  }
  checkNoneOpen(facts);
  checkMajority(facts);
}

/** The proposer of anything owns a part of the ring. */
export function checkProposer({ self, state }: RingFacts): void {
  if (isVoter(state, self)) return;
  const is = state.members.get(self)?.state ?? 'no member of the ring';
  broken('notJoined', `${self} is ${is}, expected an owner`, 'ask an owner of the ring');
}

export function checkNoneOpen({ state }: RingFacts): void {
  const open = state.operation;
  if (open === null) return;
  const hint = `wait for it, or abort it: ringctl ops abort ${open.operationId}`;
  broken('operationOpen', describeOpen(open), hint, 'OPERATION_OPEN', { operationId: open.operationId });
}

/** True if enough owners live to decide a record. */
export function hasMajority(facts: RingFacts): boolean {
  const voters = votersOf(facts.state).length;
  return voters - silentVoters(facts).length >= majority(voters);
}

export function checkMajority(facts: RingFacts): void {
  if (hasMajority(facts)) return;
  const voters = votersOf(facts.state);
  const silent = silentVoters(facts);
  const alive = voters.length - silent.length;
  const got = `${alive} of ${voters.length} owners are alive, expected at least ${majority(voters.length)}`;
  broken(
    'noMajority',
    `${got}; silent: ${silent.join(', ')}`,
    'start the silent owners; one that is lost for good is removed with `ringctl assassinate --force`',
    'NO_MAJORITY',
    { silent },
  );
}

const silentVoters = ({ self, state, liveness }: RingFacts): HostId[] =>
  votersOf(state).filter((voter) => voter !== self && liveness(voter) !== 'alive');

/**
 * What a removal without any movement must not be: of oneself, of a live host, of the last owner, of a host whose place
 * another is taking: that one may be read already, and only its own removal or `end` makes sure how it ends. Throws as
 * `checkOperation`.
 */
export function checkForcedRemoval(hostId: HostId, facts: RingFacts): void {
  checkProposer(facts);
  checkGone(memberOf(hostId, facts).hostId, facts);
  const open = facts.state.operation;
  if (open?.replaces !== hostId) return;
  const taker = open.subjects.map((subject) => subject.hostId).join(', ');
  const hint = `wait for its end, or abort it: ringctl ops abort ${open.operationId}; where neither can be, stop ${taker} and remove that first: ringctl assassinate ${taker} --force`;
  broken('beingReplaced', `${hostId} is being replaced by ${taker}`, hint, 'REFUSED', {
    operationId: open.operationId,
  });
}

/** Only who was removed can be readmitted. Throws as `checkOperation`. */
export function checkReadmission(hostId: HostId, facts: RingFacts): void {
  checkProposer(facts);
  if (!facts.state.removed.has(hostId)) {
    broken('notRemoved', `${hostId} was not removed`, 'look at `ringctl history`', 'UNKNOWN_NODE');
  }
}

/** A member of the ring, by its host id; throws why it is none. */
export function memberOf(hostId: HostId, { state }: RingFacts): RecordedMember {
  const removedAt = state.removed.get(hostId);
  if (removedAt !== undefined) {
    return broken(
      'removedHost',
      `${hostId} was removed at epoch ${removedAt}`,
      'there is nothing left to do',
      'UNKNOWN_NODE',
    );
  }
  const member = state.members.get(hostId);
  const hint = 'look at `ringctl status` for the host ids';
  return member ?? broken('unknownHost', `got host id ${hostId}, expected a member of the ring`, hint, 'UNKNOWN_NODE');
}

function normalMember(hostId: HostId, facts: RingFacts): RecordedMember {
  const member = memberOf(hostId, facts);
  if (member.state === 'normal') return member;
  checkNoneOpen(facts);
  return broken('notNormal', `${hostId} is ${member.state}, expected normal`, 'wait for its operation, or abort it');
}

/** What is removed is another host, dead, and not the last owner. */
function checkGone(hostId: HostId, facts: RingFacts): void {
  if (hostId === facts.self) {
    broken('isSelf', `${hostId} is the node that was asked: no node removes itself`, 'use decommission');
  }
  if (facts.liveness(hostId) !== 'dead') {
    broken('isLive', `${hostId} is ${facts.liveness(hostId)}, expected dead`, 'use decommission, or stop it first');
  }
  checkNotLast(hostId, facts);
}

function checkAlive(hostId: HostId, facts: RingFacts, hint: string): void {
  if (hostId === facts.self || facts.liveness(memberOf(hostId, facts).hostId) === 'alive') return;
  broken('isDead', `${hostId} is ${facts.liveness(hostId)}, expected alive`, hint);
}

function checkServes(hostId: HostId, { isDrained }: RingFacts): void {
  if (!isDrained(hostId)) return;
  broken('drained', `${hostId} is drained: it serves nothing and can hand nothing over`, 'restart it first');
}

function checkNotLast(hostId: HostId, { state }: RingFacts): void {
  if (votersOf(state).some((owner) => owner !== hostId)) return;
  broken('lastOwner', `${hostId} is the last owner of the ring`, 'stop it: its data has nowhere to go');
}

/** After the leaver has gone, every keyspace that it replicates must find as many hosts as it has replicas. */
function checkReplicasLeft(leaver: HostId, { owners, keyspaces, datacenters }: RingFacts): void {
  const left = owners.filter(({ hostId }) => hostId !== leaver);
  const from = owners.find(({ hostId }) => hostId === leaver)?.datacenter;
  const fewer = (keyspace: string, factor: number, hosts: number, where: string): never =>
    broken(
      'tooFewReplicas',
      `keyspace ${keyspace} has ${factor} replicas${where}, and ${hosts} owners would be left`,
      'lower its replication, add a node, or repeat with --force',
      'REFUSED',
      { keyspace },
    );
  for (const [keyspace, options] of keyspaces) {
    const strategy = replicationOf(options, datacenters);
    if ('replicationFactor' in strategy) {
      if (left.length < strategy.replicationFactor) fewer(keyspace, strategy.replicationFactor, left.length, '');
      continue;
    }
    const factor = strategy.replicationFactors.get(from ?? '') ?? 0;
    const hosts = left.filter(({ datacenter }) => datacenter === from).length;
    if (hosts < factor) fewer(keyspace, factor, hosts, ` in ${from}`);
  }
}

function checkMove(mover: RecordedMember, tokens: readonly bigint[], { state }: RingFacts): void {
  const { hostId } = mover;
  if (mover.tokens.length !== 1) {
    const hint = 'decommission it and let it join anew: its tokens are then allocated to balance the ring';
    broken('severalTokens', `${hostId} has ${mover.tokens.length} tokens, expected one`, hint);
  }
  const [token] = tokens;
  if (token === undefined || tokens.length !== 1 || !isToken(token) || token === minToken) {
    const hint = 'give one whole number above -9223372036854775808 and up to 9223372036854775807';
    return broken('badToken', `got ${tokens.join(', ') || 'no token'}, expected one token`, hint, 'INVALID_ARGUMENT');
  }
  if (mover.tokens[0] === token) broken('sameToken', `${hostId} owns ${token} already`, 'there is nothing to move');
  if (ownedTokens(state, hostId).has(token)) broken('tokenTaken', `token ${token} is taken`, 'choose another one');
}

function checkAlteration(keyspace: string, replication: ReplicationOptions, facts: RingFacts): void {
  const held = facts.keyspaces.get(keyspace);
  if (held === undefined) {
    const got = unknownKeyspaceText(keyspace, facts.keyspaces);
    return broken('unknownKeyspace', got, 'define it with `ringctl schema put`', 'UNKNOWN_KEYSPACE');
  }
  const { options } = parseReplication(replication, facts.datacenters);
  if (JSON.stringify(options) === JSON.stringify(replicationOf(held, facts.datacenters).options)) {
    broken('sameReplication', `keyspace ${keyspace} is replicated so already`, 'there is nothing to alter');
  }
}
