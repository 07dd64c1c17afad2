import type { HostId } from '../base/id.ts';
import { applicationKeyPrefix } from '../gossip/application-state.ts';
import type { MovementRole } from '../lifecycle/own-movements.ts';
import type { NodeReader } from '../node/node-reader.ts';
import type { RangeMovement } from '../ring/range-movement.ts';
import type { MovementHost, MovementTask } from './range-movement-handler.ts';

/** A movement as the application gets it: with addresses and application states, as they are known now. */
export function movementTask(reader: NodeReader, movement: RangeMovement, role: MovementRole): MovementTask {
  const members = new Map(reader.members().map((member) => [member.hostId, member]));
  const hostOf = (hostId: HostId): MovementHost => {
    const member = members.get(hostId);
    return {
      hostId,
      address: member?.address ?? null,
      httpAddress: member?.httpAddress ?? null,
      datacenter: member?.datacenter ?? '',
      rack: member?.rack ?? '',
      states: applicationStates(reader, hostId),
    };
  };
  const { id, operationId, operation, keyspace, ranges, sources, targets, epoch } = movement;
  return {
    id,
    operationId,
    operation,
    role,
    keyspace,
    ranges,
    sources: sources.map(hostOf),
    targets: targets.map(hostOf),
    epoch,
    // It was told to move, so there is a ring.
    ringFingerprint: reader.ring()!.fingerprint,
  };
}

/** All application states of a host, keys without their `x:`. */
export function applicationStates(reader: NodeReader, hostId: HostId): Readonly<Record<string, string>> {
  const values = reader.endpointState(hostId)?.values ?? new Map();
  return Object.fromEntries(
    [...values].flatMap(([key, { value }]) =>
      key.startsWith(applicationKeyPrefix) && value !== null ? [[key.slice(applicationKeyPrefix.length), value]] : [],
    ),
  );
}
