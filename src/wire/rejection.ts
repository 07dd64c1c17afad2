/**
 * Why something that came from outside was dropped: a closed list, so that every reason has its own counter.
 *
 * - `notAFrame`: too short, or no header of ours.
 * - `otherVersion`: a protocol version that this release does not speak.
 * - `otherCluster`: the cluster tag is not ours (another name or another cluster id).
 * - `noClusterYet`: a frame of a cluster, while this node has not learned its own.
 * - `unknownKey`: a key id that is not configured.
 * - `notAuthentic`: the seal does not open: another secret, another receiver, or changed on the way.
 * - `replayed`: this counter of this sender was seen, or is too old to tell.
 * - `malformed`: authentic, and still no message: wrong structure, type or range.
 * - `tooLarge`: over a limit of bytes or elements.
 * - `shadowRule`: a shadow frame with another message, or a shadow-round message in another frame.
 * - `timeout`: a peer that did not finish a handshake or a frame in time.
 * - `tooMany`: more connections than are allowed.
 */
export const rejectionReasons = [
  'notAFrame',
  'otherVersion',
  'otherCluster',
  'noClusterYet',
  'unknownKey',
  'notAuthentic',
  'replayed',
  'malformed',
  'tooLarge',
  'shadowRule',
  'timeout',
  'tooMany',
] as const;
export type RejectionReason = (typeof rejectionReasons)[number];

/** Input that was refused. It is counted by `reason` and dropped; `detail` is for logs only. */
export interface Rejection {
  readonly reason: RejectionReason;
  readonly detail: string;
}

/** Tells a rejection from what a decoder or opener gives otherwise. */
export function isRejection(value: object): value is Rejection {
  return 'reason' in value && 'detail' in value;
}

/** Makes a rejection. */
export function rejection(reason: RejectionReason, detail: string): Rejection {
  return { reason, detail };
}
