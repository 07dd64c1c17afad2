import type { SchemaAgreement } from '../../api/schema-agreement.ts';

/** What all agree on. A disagreement is an error, and its line says who differs: nothing is printed for it here. */
export function schemaAgreementText({ agreed, schemaVersion, unreachable }: SchemaAgreement): string {
  if (!agreed) return '';
  const dead = unreachable.length === 0 ? '' : `Not asked, for they are dead: ${unreachable.join(', ')}\n`;
  return `All live members have schema version ${schemaVersion}.\n${dead}`;
}

/** Who has another version than the node that was asked, or did not answer it. */
export function whoDiffers({ schemaVersion, differing }: SchemaAgreement): string {
  const others = differing.map(({ hostId, address, schemaVersion: other }) =>
    other === null ? `${address ?? hostId} did not answer` : `${address ?? hostId} has ${other}`,
  );
  return `${others.join(', ')} (the node asked has ${schemaVersion})`;
}
