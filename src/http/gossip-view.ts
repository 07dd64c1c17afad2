import type { FailureDetector } from '../api/failure-detector.ts';
import type { GossipInfo } from '../api/gossip-info.ts';
import type { Info } from '../api/info.ts';
import { knownRing } from './known-ring.ts';
import type { NodePort } from './node-port.ts';

/** What only the process knows. */
export interface ProcessFacts {
  readonly heapUsedBytes: number;
  readonly heapTotalBytes: number;
  readonly nodeVersion: string;
}

/** `/v1/info`: never fails. */
export function infoView(port: NodePort, facts: ProcessFacts): Info {
  const self = port.self();
  const ring = port.ring();
  const member = port.members().find(({ hostId }) => hostId === self.hostId);
  const { ready, waitingFor } = port.ready();
  const { sentFrames, sentBytes, receivedFrames, receivedBytes, rejected } = port.counters();
  return {
    hostId: self.hostId,
    cluster: self.cluster,
    clusterId: self.clusterId,
    lineage: ring?.lineage ?? null,
    epoch: ring?.epoch ?? null,
    ringFingerprint: ring?.ringFingerprint ?? null,
    schemaVersion: port.schema().version,
    address: self.address,
    httpAddress: self.httpAddress,
    datacenter: self.datacenter,
    rack: self.rack,
    state: member?.state ?? null,
    tokens: member?.tokens.map(String) ?? [],
    load: member?.load ?? null,
    generation: self.generation,
    version: member?.version ?? 0,
    uptimeMs: self.uptimeMs,
    heapUsedBytes: facts.heapUsedBytes,
    heapTotalBytes: facts.heapTotalBytes,
    releaseVersion: self.releaseVersion,
    nodeVersion: facts.nodeVersion,
    ready,
    waitingFor: [...waitingFor],
    traffic: { sentFrames, sentBytes, receivedFrames, receivedBytes, rejected: { ...rejected } },
  };
}

/** `/v1/gossipinfo`: never fails. */
export function gossipInfoView(port: NodePort): GossipInfo {
  const members = new Map(port.members().map((member) => [member.hostId, member]));
  return {
    endpoints: port.endpoints().map(({ hostId, generation, version, bulkVersion, states }) => ({
      hostId,
      address: members.get(hostId)?.address ?? null,
      liveness: members.get(hostId)?.liveness ?? 'dead',
      generation,
      heartbeat: version,
      bulkHeartbeat: bulkVersion,
      states: states
        .map((state) => ({ key: state.key, version: state.version, value: state.value }))
        .sort((left, right) => (left.key < right.key ? -1 : 1)),
    })),
    rumors: port.rumors().map(({ rumorClass, waiting, sentBytes, dropped }) => ({
      class: rumorClass,
      waiting,
      sentBytes,
      dropped,
    })),
  };
}

/** `/v1/failuredetector`: every other host, observers included. Throws RingError UNAVAILABLE. */
export function failureDetectorView(port: NodePort): FailureDetector {
  const { ring } = knownRing(port);
  const self = port.self().hostId;
  return {
    detector: ring.detector,
    endpoints: port
      .members()
      .filter(({ hostId }) => hostId !== self)
      .map(({ hostId, address, liveness }) => ({ hostId, address, liveness, phi: port.phi(hostId) })),
  };
}
