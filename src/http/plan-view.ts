import type { Plan, PlanHost } from '../api/plan.ts';
import type { RingError } from '../base/error.ts';
import type { HostId } from '../base/id.ts';
import { futureOwners } from '../ring/future-owners.ts';
import type { ReplicationOptions } from '../ring/replication-strategy.ts';
import { RingChange } from '../ring/ring-change.ts';
import { type RingPlan, ringPlan } from '../ring/ring-plan.ts';
import { keyspacesOf } from './keyspaces-of.ts';
import { type KnownRing, knownRing } from './known-ring.ts';
import type { NodePort } from './node-port.ts';
import { describeOperation } from './operations-view.ts';
import { type PlannedOperation, type PlanRequest, plannedOperation } from './planned-operation.ts';

/** An operation that was never begun. */
const noOperationId = '';

/** `/v1/plan`. Throws RingError UNAVAILABLE, and what `plannedOperation` throws. Changes nothing. */
export function planView(port: NodePort, request: PlanRequest): Plan {
  const known = knownRing(port);
  const keyspaces = new Map(keyspacesOf(port.schema()).map(({ name, replication }) => [name, replication]));
  const planned = plannedOperation(request, known, port.self().hostId, keyspaces);
  const plan = planOf(planned, known, keyspaces);
  const addresses = new Map(known.members.map((member) => [member.hostId, member.address]));
  const hosts = (hostIds: readonly HostId[]): PlanHost[] =>
    hostIds.map((hostId) => ({ hostId, address: addresses.get(hostId) ?? null }));
  const nameOf = (hostId: HostId): string => addresses.get(hostId) ?? hostId;
  const impossible = impossibilities(port, known, planned, plan, nameOf);
  const lacking = lackings(port, planned, plan, nameOf);
  const refusals = [...impossible, ...lacking];
  return {
    operation: request.operation,
    epoch: known.ring.epoch,
    ringFingerprint: known.ring.ringFingerprint,
    subjects: planned.operation.subjects.map(({ hostId, tokens }) => ({
      hostId,
      address: addresses.get(hostId) ?? null,
      tokens: tokens.map(String),
    })),
    possible: refusals.length === 0,
    refusals,
    forcible: impossible.length === 0 && lacking.length > 0 && request.operation !== 'removenode',
    keyspaces: plan.keyspaces.map(({ keyspace, changedShare, movedShare, balance, racks }) => ({
      keyspace,
      changedShare,
      movedShare,
      balance: { before: balance.before, after: balance.after },
      racks: { before: racks.before, after: racks.after, narrowedShare: racks.narrowedShare },
    })),
    movements: plan.movements.map(({ keyspace, ranges, sources, targets }) => ({
      keyspace,
      ranges: ranges.map(({ left, right }) => ({ startToken: String(left), endToken: String(right) })),
      sources: hosts(sources),
      targets: hosts(targets),
    })),
    neededAlive: hosts(plan.neededAlive),
  };
}

function planOf(
  { operation, members }: PlannedOperation,
  known: KnownRing,
  keyspaces: ReadonlyMap<string, ReplicationOptions>,
): RingPlan {
  const alive = new Set(known.members.filter(({ liveness }) => liveness !== 'dead').map(({ hostId }) => hostId));
  const newcomers = members.filter(({ hostId }) => !known.members.some((member) => member.hostId === hostId));
  for (const { hostId } of newcomers) alive.add(hostId);
  return ringPlan(
    new RingChange({
      natural: members.filter((member) => !newcomers.includes(member)),
      future: futureOwners(members, operation),
      keyspaces,
      alter: operation.alter,
      knownDatacenters: [...new Set(members.map(({ datacenter }) => datacenter))].sort(),
    }),
    { operationId: noOperationId, kind: operation.kind, stepEpoch: known.ring.epoch + 1 },
    alive,
  );
}

/** What speaks against it now, and cannot be forced; of a join, what it would wait for. */
function impossibilities(
  port: NodePort,
  { ring, members }: KnownRing,
  { asked, operation }: PlannedOperation,
  plan: RingPlan,
  nameOf: (hostId: HostId) => string,
): string[] {
  const refusals: string[] = [];
  if (ring.fork !== null) refusals.push('the ring is forked, and nothing changes until one history is given up');
  const refusal = asked === null ? null : port.refusal(asked);
  if (refusal !== null && !isForcible(refusal)) refusals.push(refusal.message);
  const open = port.operations()[0];
  if (asked === null && open !== undefined) refusals.push(describeOperation(open));
  const target = members.find((member) => member.hostId === operation.replaces);
  if (target !== undefined && target.liveness !== 'dead') {
    refusals.push(`${nameOf(target.hostId)} is ${target.liveness}: only a dead node is replaced`);
  }
  if (plan.deadTargets.length > 0) {
    refusals.push(`${plan.deadTargets.map(nameOf).join(', ')} would gain ranges, and is dead`);
  }
  return refusals;
}

/** The one rule that `force` passes over. */
const isForcible = ({ details }: RingError): boolean => details.rule === 'tooFewReplicas';

/** That too few replicas would be left, and of whom too few live for the steps and the movements: this can be forced. */
function lackings(
  port: NodePort,
  { asked }: PlannedOperation,
  plan: RingPlan,
  nameOf: (hostId: HostId) => string,
): string[] {
  const refusal = asked === null ? null : port.refusal(asked);
  const replicas = refusal !== null && isForcible(refusal) ? [refusal.message] : [];
  const names = (hostIds: readonly HostId[]): string => hostIds.map(nameOf).join(', ');
  const steps = plan.shortfalls.map(
    ({ keyspace, replicas, needed, missing }) =>
      `${needed} of ${names(replicas)} must be alive for a range of ${keyspace}; dead: ${names(missing)}`,
  );
  const movements = plan.unavailable.map(({ keyspace, target, needed, living, dead }) => {
    const from = `${living.length === 0 ? 'nobody' : names(living)} of the ${needed} replicas needed`;
    return `for ${nameOf(target)}, ranges of ${keyspace} can be read from ${from}; dead: ${names(dead)}`;
  });
  return [...replicas, ...steps, ...movements];
}
