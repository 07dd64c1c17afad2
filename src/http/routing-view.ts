import type { DescribeRing } from '../api/describe-ring.ts';
import type { Endpoints } from '../api/endpoints.ts';
import type { Guard } from '../api/guard.ts';
import type { Replica, Route } from '../api/route.ts';
import { RingError } from '../base/error.ts';
import { readOrder } from '../ring/read-order.ts';
import { type KnownRing, knownRing, knownRouter } from './known-ring.ts';
import type { NodePort } from './node-port.ts';

/** `/v1/route`. `key` as text or as bytes. Throws RingError INVALID_KEY, UNKNOWN_KEYSPACE, UNAVAILABLE. */
export function routeView(port: NodePort, key: string | Uint8Array, keyspace: string | null): Route {
  const known = knownRing(port);
  const { token, replicas, pending, requiredReads, requiredWriteAcks, epoch, ringFingerprint } = known.router.route(
    key,
    keyspace,
  );
  const read = replicasView(known, replicas);
  return {
    ...keyView(key),
    token: String(token),
    keyspace,
    replicas: read,
    readOrder: [...readOrder(read)],
    pending: replicasView(known, pending),
    requiredReads,
    requiredWriteAcks,
    epoch,
    ringFingerprint,
  };
}

/** `/v1/guard`. Throws as `routeView`, and RingError STALE_ROUTE or DRAINED for a request that may not be answered. */
export function guardView(
  port: NodePort,
  key: string | Uint8Array,
  keyspace: string | null,
  routedEpoch: number,
): Guard {
  const { token, epoch, ringFingerprint } = knownRouter(port).route(key, keyspace);
  port.guard(key, keyspace, routedEpoch);
  return { ...keyView(key), token: String(token), keyspace, routedEpoch, epoch, ringFingerprint };
}

/** `/v1/getendpoints`. Throws as `routeView`. */
export function endpointsView(port: NodePort, keyspace: string, key: string): Endpoints {
  const known = knownRing(port);
  const { token, replicas, epoch, ringFingerprint } = known.router.route(key, keyspace);
  return { keyspace, key, token: String(token), endpoints: replicasView(known, replicas), epoch, ringFingerprint };
}

/** `/v1/describering`. Throws RingError UNKNOWN_KEYSPACE, UNAVAILABLE. */
export function describeRingView(port: NodePort, keyspace: string): DescribeRing {
  const { ring, router, members } = knownRing(port);
  const addresses = new Map(members.map((member) => [member.hostId, member.address]));
  return {
    keyspace,
    schemaVersion: port.schema().version,
    epoch: ring.epoch,
    ringFingerprint: ring.ringFingerprint,
    ranges: router.ranges(keyspace).map(({ range, replicas }) => ({
      startToken: String(range.left),
      endToken: String(range.right),
      endpoints: replicas.map(({ hostId, datacenter, rack }) => ({
        hostId,
        address: addresses.get(hostId) ?? null,
        datacenter,
        rack,
      })),
    })),
  };
}

/** The bytes of a `keyBase64` parameter. Throws RingError INVALID_KEY for anything that is not canonical base64. */
export function keyOfBase64(text: string): Uint8Array {
  // A plus sign that was not percent-encoded arrives as a blank, and base64 has none.
  const base64 = text.replaceAll(' ', '+');
  const bytes = Buffer.from(base64, 'base64');
  if (bytes.toString('base64') === base64) return bytes;
  throw new RingError('INVALID_KEY', `got ${JSON.stringify(text)} as keyBase64, expected base64 with its padding`, {
    hint: 'Encode the bytes of the key as standard base64, percent-encoded in the URL.',
  });
}

const keyView = (key: string | Uint8Array): Pick<Route, 'key' | 'keyBase64'> =>
  typeof key === 'string' ? { key, keyBase64: null } : { key: null, keyBase64: Buffer.from(key).toString('base64') };

function replicasView({ members }: KnownRing, replicas: readonly { readonly hostId: string }[]): Replica[] {
  return replicas.map(({ hostId }) => {
    const member = members.find((each) => each.hostId === hostId);
    return {
      hostId,
      address: member?.address ?? null,
      liveness: member?.liveness ?? 'dead',
      mode: member?.mode ?? 'ok',
    };
  });
}
