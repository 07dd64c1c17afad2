import type { Schema } from '../api/schema.ts';
import type { SchemaAgreement } from '../api/schema-agreement.ts';
import { addressesBy } from './cluster-view.ts';
import { keyspacesOf } from './keyspaces-of.ts';
import type { NodePort, SurveyView } from './node-port.ts';

/** `/v1/schema`. */
export function schemaView(port: NodePort): Schema {
  const schema = port.schema();
  return {
    schemaVersion: schema.version,
    keyspaces: keyspacesOf(schema),
    documents: schema.definitions
      .flatMap(({ type, name, document, stamp: { timeMs, hostId } }) =>
        type === 'document' && document !== null ? [{ name, document, stamp: { timeMs, hostId } }] : [],
      )
      .sort((left, right) => (left.name < right.name ? -1 : 1)),
  };
}

/**
 * Whether the live members hold the schema version of this node, by what they said when asked. A member that is alive
 * and silent prevents agreement; a dead one does not, but is named.
 */
export function agreementView(port: NodePort, survey: SurveyView): SchemaAgreement {
  const { version } = port.schema();
  const liveness = new Map(port.members().map((member) => [member.hostId, member.liveness]));
  const isDead = ({ hostId }: { readonly hostId: string }): boolean => liveness.get(hostId) === 'dead';
  const differing = [
    ...survey.answers.filter((answer) => answer.schemaVersion !== version),
    ...survey.silent.filter((silent) => !isDead(silent)).map((silent) => ({ ...silent, schemaVersion: null })),
  ].map(({ hostId, address, schemaVersion }) => ({ hostId, address, schemaVersion }));
  return {
    agreed: differing.length === 0,
    schemaVersion: version,
    schemaVersions: addressesBy(survey.answers, (answer) => answer.schemaVersion),
    differing,
    unreachable: survey.silent
      .filter(isDead)
      .map(({ hostId, address }) => address ?? hostId)
      .sort(),
  };
}
