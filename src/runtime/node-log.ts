import type { Logger } from 'pino';
import type { Address, HostId } from '../base/id.ts';
import type { NodeEvent } from '../node/node-event.ts';

/**
 * Writes what a node tells of itself as one line of the log, `event` first: what it is, for programs. People know hosts by
 * `addressOf`; null for one whose address is not known.
 */
export function logEvent(logger: Logger, event: NodeEvent, addressOf: (hostId: HostId) => Address | null): void {
  switch (event.kind) {
    case 'log':
      logger[event.level]({ ...event.facts, event: event.event }, event.message);
      return;
    case 'liveness': {
      const { hostId, liveness } = event;
      const address = addressOf(hostId);
      const why = liveness === 'alive' ? '' : `; \`ringctl why ${hostId}\` has the evidence`;
      logger.info(
        { event: 'liveness', hostId, address, liveness },
        `${address === null ? hostId : `${address} (${hostId})`} is ${liveness}${why}`,
      );
      return;
    }
    case 'ring':
      logger.info({ event: 'ring', epoch: event.epoch }, `the ring is at epoch ${event.epoch}`);
      return;
    case 'schema':
      logger.info({ event: 'schema', version: event.version }, `the schema is at version ${event.version}`);
      return;
    case 'forgotten':
    case 'joinedGossip':
      logger.debug({ event: event.kind, hostId: event.hostId }, event.kind);
      return;
    case 'movement': {
      const { id, keyspace, ranges, sources } = event.movement;
      const facts = { event: 'movement', movementId: id, role: event.role, keyspace, ranges: ranges.length };
      logger.info(facts, `${event.role} of ${ranges.length} ranges of ${keyspace}, from ${sources.join(', ')}`);
      return;
    }
    case 'movementCancelled':
      logger.info(
        { event: 'movementCancelled', movementId: event.movementId },
        `movement ${event.movementId} is cancelled`,
      );
      return;
    case 'left':
      logger.info({ event: 'left', epoch: event.epoch }, `this node has left the ring at epoch ${event.epoch}`);
      return;
    // Whoever started the node learns its end from `startNode` or `stopped`, and logs it once.
    case 'fatal':
    case 'ready':
    case 'cluster':
    case 'states':
      return;
  }
}
