import type { FailureDetector } from '../../api/failure-detector.ts';
import { printable } from './quantities.ts';

/**
 * `nodetool failuredetector`: phi on the threshold's scale, endpoints without one left out. A detector that computes no
 * phi shows liveness instead.
 */
export function failureDetectorText({ detector, endpoints }: FailureDetector): string {
  const title = detector === 'phi' ? 'Phi' : 'Liveness';
  const rows = endpoints
    .map(({ hostId, address, liveness, phi }) => ({
      name: address ?? hostId,
      value: detector === 'phi' ? (phi?.toFixed(8) ?? null) : liveness,
    }))
    .filter((row): row is { name: string; value: string } => row.value !== null);
  return [{ name: 'Endpoint', value: title }, ...rows]
    .map(({ name, value }) => `${printable(name).padStart(10)},${value.padStart(16)}\n`)
    .join('');
}
