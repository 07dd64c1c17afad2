import type { RingErrorCode } from '../base/error.ts';
import type { HostId } from '../base/id.ts';
import { isToken, minToken, type Token } from '../token/token.ts';
import { chainHash } from './chain-hash.ts';
import { type RingRecord, zeroChainHash } from './ring-record.ts';
import type { OpenOperation, OwnershipState } from './ring-snapshot.ts';
import { ownerStays, type RecordedMember, type RingState } from './ring-state.ts';

/** Why a record does not follow a state. Nothing changed. */
export interface RecordRefusal {
  readonly kind: 'refused';
  readonly code: RingErrorCode;
  readonly reason: string;
}

export function isRefusal(result: RingState | RecordRefusal): result is RecordRefusal {
  return 'kind' in result;
}

type Members = Map<HostId, RecordedMember>;
/** What a record changes of a state; the rest follows from the record itself. */
type Change = Partial<Pick<RingState, 'members' | 'operation' | 'removed'>>;

/** Thrown and caught in this file only: rules nest, and the first one broken is the answer. */
class Refused extends Error {
  readonly code: RingErrorCode;
  constructor(code: RingErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

/**
 * The ring after one more record, or why the record does not follow. Pure: same state and record, same answer, on every
 * node; a voter, a learner and a starting node all judge by it alone. A record of another lineage (a forced one) follows
 * any state that it chains to.
 *
 * Cost: O(members), for `begin` O(tokens).
 */
export function foldRecord(state: RingState | null, record: RingRecord): RingState | RecordRefusal {
  try {
    checkForm(record);
    return state === null ? foldFound(record) : foldNext(state, record);
  } catch (error) {
    if (error instanceof Refused) return { kind: 'refused', code: error.code, reason: error.message };
    throw error;
  }
}

function foldFound(record: RingRecord): RingState {
  demand(record.kind === 'found', `the first record is of kind found, got ${record.kind}`);
  demand(record.epoch === 1, `a ring is founded at epoch 1, got ${record.epoch}`);
  demand(record.previous === zeroChainHash, 'no record comes before found');
  const { hostId, tokens } = soleSubject(record);
  checkTokens(tokens, new Set());
  return {
    ...record.found!,
    lineage: record.lineage,
    epoch: 1,
    chainHash: chainHash(record),
    members: new Map([[hostId, { hostId, state: 'normal', tokens, sinceEpoch: 1 }]]),
    operation: null,
    removed: new Map(),
  };
}

function foldNext(state: RingState, record: RingRecord): RingState {
  demand(record.epoch === state.epoch + 1, `expected epoch ${state.epoch + 1}, got ${record.epoch}`);
  demand(
    record.previous === state.chainHash,
    `epoch ${record.epoch} follows chain hash ${record.previous}, here it is ${state.chainHash}`,
  );
  const change = changeOf(state, record);
  const next: RingState = {
    ...state,
    lineage: record.lineage,
    epoch: record.epoch,
    chainHash: chainHash(record),
    ...change,
  };
  demand(ownerStays(next.members.values()), 'the last owner of the ring cannot go');
  return next;
}

function changeOf(state: RingState, record: RingRecord): Change {
  switch (record.kind) {
    case 'found':
      throw new Refused('REFUSED', `the ring is founded already, at epoch ${state.epoch} now`);
    case 'begin':
      return begin(state, record);
    case 'switch': {
      const open = openOperation(state, record, 'begin');
      return { operation: { ...open, step: 'switch', stepEpoch: record.epoch } };
    }
    case 'end':
      return end(state, record, openOperation(state, record, 'switch'));
    case 'abort':
      return { members: undo(state.members, record.epoch, openOperation(state, record, 'begin')), operation: null };
    case 'remove':
      return remove(state, record);
    case 'readmit': {
      const { hostId } = soleSubject(record);
      demand(state.removed.has(hostId), `${hostId} was not removed`);
      const removed = new Map(state.removed);
      removed.delete(hostId);
      return { removed };
    }
    case 'alterReplication':
      demandNoneOpen(state);
      return {};
  }
}

function begin(state: RingState, record: RingRecord): Change {
  demandNoneOpen(state);
  const kind = record.operation!;
  const { subjects, epoch } = record;
  const members: Members = new Map(state.members);
  const set = (hostId: HostId, becomes: OwnershipState, tokens: readonly Token[]): unknown =>
    members.set(hostId, { hostId, state: becomes, tokens, sinceEpoch: epoch });
  switch (kind) {
    case 'bootstrap': {
      demand(subjects.length > 0, 'a bootstrap needs at least one joiner');
      const taken = tokensOf(state);
      for (const { hostId, tokens } of subjects) {
        demandStranger(state, hostId);
        checkTokens(tokens, taken);
        set(hostId, 'joining', tokens);
      }
      break;
    }
    case 'decommission':
    case 'removenode': {
      const { hostId } = soleSubject(record);
      set(hostId, 'leaving', demandNormal(state, hostId).tokens);
      break;
    }
    case 'move': {
      const { hostId, tokens } = soleSubject(record);
      const mover = demandNormal(state, hostId);
      checkTokens(tokens, tokensOf(state, hostId));
      set(hostId, 'moving', mover.tokens);
      break;
    }
    case 'replace': {
      const { hostId, tokens } = soleSubject(record);
      demandStranger(state, hostId);
      const replaced = demandNormal(state, record.replaces!);
      const same = tokens.length === replaced.tokens.length && tokens.every((each) => replaced.tokens.includes(each));
      demand(tokens.length === 0 || same, `a replacing node takes exactly the tokens of ${replaced.hostId}`);
      set(hostId, 'replacing', replaced.tokens);
      break;
    }
    case 'alterReplication':
      break;
  }
  const { operationId, replaces, strict, alter, proposedAtMs } = record;
  const operation: OpenOperation = {
    operationId,
    kind,
    step: 'begin',
    subjects,
    replaces,
    strict,
    alter,
    beginEpoch: epoch,
    stepEpoch: epoch,
    beganAtMs: proposedAtMs,
  };
  return { members, operation };
}

function end(state: RingState, record: RingRecord, open: OpenOperation): Change {
  const members: Members = new Map(state.members);
  const removed = new Map(state.removed);
  const leaves = (hostId: HostId): void => {
    members.delete(hostId);
    removed.set(hostId, record.epoch);
  };
  if (open.kind === 'replace') leaves(open.replaces!);
  for (const { hostId, tokens } of open.subjects) {
    if (open.kind === 'decommission' || open.kind === 'removenode') leaves(hostId);
    else if (open.kind !== 'alterReplication') {
      const held = open.kind === 'move' ? tokens : members.get(hostId)!.tokens;
      members.set(hostId, { hostId, state: 'normal', tokens: held, sinceEpoch: record.epoch });
    }
  }
  return { members, removed, operation: null };
}

/** The members as if `open` had never begun. */
function undo(before: RingState['members'], epoch: number, open: OpenOperation): Members {
  const members: Members = new Map(before);
  for (const { hostId } of open.subjects) {
    const member = members.get(hostId);
    if (member?.state === 'joining' || member?.state === 'replacing') members.delete(hostId);
    else if (member) members.set(hostId, { ...member, state: 'normal', sinceEpoch: epoch });
  }
  return members;
}

/**
 * The forced removal. One of the last subject of the open operation closes it, for a removed node blocks nothing, and so
 * does one after which only leavers are left: they stay, and have all writes. Any other puts it back to `begin`: those who
 * are left gain ranges by it that nobody has sent them. Who is read then has all writes.
 */
function remove(state: RingState, record: RingRecord): Change {
  const { hostId } = soleSubject(record);
  demand(state.members.has(hostId), `${hostId} is not a member`);
  const open = state.operation;
  demand(open?.replaces !== hostId, `${hostId} is being replaced: end, abort or remove who takes its place first`);
  const members: Members = new Map(state.members);
  members.delete(hostId);
  const removed = new Map(state.removed).set(hostId, record.epoch);
  if (open === null) return { members, removed };
  const subjects = open.subjects.filter((subject) => subject.hostId !== hostId);
  const closed = (subjects.length === 0 && open.subjects.length > 0) || !ownerStays(members.values());
  if (closed) return { members: undo(members, record.epoch, open), removed, operation: null };
  return { members, removed, operation: { ...open, subjects, step: 'begin', stepEpoch: record.epoch } };
}

/** The open operation, if the record names it, adds no subject to it, and it stands at `step`. */
function openOperation(state: RingState, record: RingRecord, step: OpenOperation['step']): OpenOperation {
  const open = state.operation;
  if (open === null || open.operationId !== record.operationId) {
    const isOpen = open === null ? 'none is' : `${open.operationId} is`;
    throw new Refused('UNKNOWN_OPERATION', `operation ${record.operationId} is not open, ${isOpen}`);
  }
  demand(
    open.step === step,
    `${record.kind} follows ${step}; the ${open.kind} ${open.operationId} stands at ${open.step}`,
  );
  for (const { hostId } of record.subjects) {
    demand(
      open.subjects.some((subject) => subject.hostId === hostId),
      `${hostId} is no subject of operation ${open.operationId}`,
    );
  }
  return open;
}

/** Facts stand where they belong and nowhere else, so that equal records have one form. */
function checkForm(record: RingRecord): void {
  const { kind, operation } = record;
  demand((operation !== null) === (kind === 'begin'), 'a begin, and nothing else, names the kind of its operation');
  demand(
    (record.replaces !== null) === (operation === 'replace'),
    'begin of a replace, and nothing else, has replaces',
  );
  demand(record.strict || kind === 'begin', 'a begin, and nothing else, may do without sources');
  demand((record.found !== null) === (kind === 'found'), 'found, and nothing else, carries the founding facts');
  const alters = kind === 'alterReplication' || operation === 'alterReplication';
  demand((record.alter !== null) === alters, 'a change of replication, and nothing else, carries alter');
}

function soleSubject(record: RingRecord): RingRecord['subjects'][number] {
  demand(record.subjects.length === 1, `${record.kind} is about one host, got ${record.subjects.length}`);
  return record.subjects[0]!;
}

function demandNoneOpen({ operation }: RingState): void {
  if (operation === null) return;
  const names = operation.subjects.map((subject) => subject.hostId).join(', ');
  throw new Refused('OPERATION_OPEN', `the ${operation.kind} ${operation.operationId} of ${names} is open`);
}

function demandStranger(state: RingState, hostId: HostId): void {
  demand(!state.members.has(hostId), `${hostId} is a member already`);
  demand(!state.removed.has(hostId), `${hostId} was removed at epoch ${state.removed.get(hostId)}`);
}

function demandNormal(state: RingState, hostId: HostId): RecordedMember {
  const member = state.members.get(hostId);
  if (member?.state === 'normal') return member;
  throw new Refused('REFUSED', `${hostId} must be a normal member, it is ${member?.state ?? 'no member'}`);
}

/** At least one token, each of the ring, none in `taken`; adds them to `taken`. */
function checkTokens(tokens: readonly Token[], taken: Set<Token>): void {
  demand(tokens.length > 0, 'a member needs at least one token');
  for (const token of tokens) {
    demand(isToken(token) && token !== minToken, `${token} is no token that a node can own`);
    demand(!taken.has(token), `token ${token} is taken`);
    taken.add(token);
  }
}

function tokensOf(state: RingState, except: HostId | null = null): Set<Token> {
  const tokens = new Set<Token>();
  for (const member of state.members.values()) {
    if (member.hostId !== except) for (const token of member.tokens) tokens.add(token);
  }
  return tokens;
}

function demand(holds: boolean, reason: string): void {
  if (!holds) throw new Refused('REFUSED', reason);
}
