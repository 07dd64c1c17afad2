/**
 * What one message may hold at most. Each limit is checked before anything of that size is allocated or walked. A sender
 * stays below them by construction; whoever exceeds one is refused with reason `tooLarge`.
 */
export const wireLimits = {
  /** Arrays within arrays, the message itself counted. */
  depth: 8,
  /** Scalars and arrays of one message in all. */
  elements: 524_288,
  /** Members of a cluster: digests, deltas, snapshot members, voters. */
  members: 16_384,
  /** Host ids of removed nodes in a snapshot: kept for ever, so there may be more of them than members. */
  removed: 131_072,
  tokensPerNode: 1_024,
  /** Ring records of one message. */
  records: 4_096,
  /** Hosts that one ring record is about. */
  subjects: 1_024,
  /** Entries of one delta: 256 application keys, as many tombstones, and the built-in keys. */
  deltaEntries: 1_024,
  /** 64 bytes of an application key, and the two of its `x:`. */
  keyBytes: 66,
  /** Values under `x:` keys. */
  applicationValueBytes: 4_096,
  /** Every other state value; 1,024 tokens in base64 take 10,924. */
  stateValueBytes: 16_384,
  addressBytes: 300,
  clusterNameBytes: 256,
  /** Free text for people: a refusal's reason. */
  textBytes: 8_192,
  definitions: 16_384,
  definitionNameBytes: 256,
  /** One schema document. */
  documentBytes: 1_048_576,
  replicationOptions: 256,
  replicationOptionBytes: 256,
} as const;
