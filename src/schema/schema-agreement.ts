import type { HostId } from '../base/id.ts';

export interface SchemaHolder {
  readonly hostId: HostId;
  readonly address: string;
}

/** What each member answered when asked directly: gossip lags by a second or two and would say yes too early. */
export interface SchemaAnswers {
  readonly answers: readonly (SchemaHolder & { readonly schemaVersion: string })[];
  /** Members that did not answer in time or were not asked. */
  readonly silent: readonly SchemaHolder[];
}

/** Whether all live members hold one schema version, or who differs. */
export interface SchemaAgreement {
  readonly agreed: boolean;
  /** The version that all hold; null while they differ or nobody answered. */
  readonly version: string | null;
  /** Who holds what: the version with most holders first, then by version. */
  readonly versions: readonly { readonly version: string; readonly holders: readonly SchemaHolder[] }[];
  /** Live members that said nothing: they count as disagreement. */
  readonly silent: readonly SchemaHolder[];
  /** Dead members: they cannot disagree, and pull when they come back. */
  readonly dead: readonly SchemaHolder[];
}

/**
 * Groups the answers (Cassandra's describecluster and schema agreement: only live members are waited for, and one whose
 * version is not known counts as a disagreement). `isDead` is asked for the silent ones alone; without it every silent
 * member is taken for a live one.
 */
export function schemaAgreementOf(
  { answers, silent }: SchemaAnswers,
  isDead: (hostId: HostId) => boolean = () => false,
): SchemaAgreement {
  const holders = new Map<string, SchemaHolder[]>();
  for (const { hostId, address, schemaVersion } of answers) {
    const group = holders.get(schemaVersion) ?? [];
    if (group.length === 0) holders.set(schemaVersion, group);
    group.push({ hostId, address });
  }
  const versions = [...holders]
    .map(([version, group]) => ({ version, holders: group }))
    .sort((left, right) => right.holders.length - left.holders.length || (left.version < right.version ? -1 : 1));
  const silentAlive = silent.filter(({ hostId }) => !isDead(hostId));
  const agreed = versions.length === 1 && silentAlive.length === 0;
  return {
    agreed,
    version: agreed ? versions[0]!.version : null,
    versions,
    silent: silentAlive,
    dead: silent.filter(({ hostId }) => isDead(hostId)),
  };
}
