import type { Replica, Route } from '../../api/route.ts';
import { columns } from './columns.ts';
import { printable } from './quantities.ts';

/** Where a key belongs, by which ring, and how each replica is seen. */
export function routeText(route: Route): string {
  const key = route.key ?? `(base64) ${route.keyBase64 ?? ''}`;
  const read = route.replicas.length;
  const written = read + route.pending.length;
  const facts = [
    ['Key:', printable(key)],
    ['Token:', route.token],
    ['Keyspace:', route.keyspace === null ? '(none: one replica)' : printable(route.keyspace)],
    ['Quorum:', `${route.requiredReads} of ${read} to read, ${route.requiredWriteAcks} of ${written} to write`],
    ['Read first:', printable(route.readOrder[0]?.address ?? '?')],
    ['Epoch:', String(route.epoch)],
    ['Ring fingerprint:', printable(route.ringFingerprint)],
  ];
  const replicas = [
    ['Role', 'Address', 'Liveness', 'Host ID'],
    ...route.replicas.map((replica, at) => row(at === 0 ? 'primary' : 'replica', replica)),
    ...route.pending.map((replica) => row('pending', replica)),
  ];
  return `${columns(facts)}\n${columns(replicas)}`;
}

function row(role: string, { hostId, address, liveness, mode }: Replica): string[] {
  return [role, printable(address ?? '?'), mode === 'ok' ? liveness : `${liveness}, ${mode}`, hostId];
}
