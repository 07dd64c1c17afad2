import { type Command, InvalidArgumentError } from 'commander';
import type { CliIo } from '../cli-io.ts';
import type { SimFlags } from '../run-sim.ts';

/**
 * `ringctl sim`: how a cluster of so many nodes behaves, found out with the code that production runs, in virtual time.
 * One seed decides everything but the speed. Needs no node.
 */
export function addSim(program: Command, io: CliIo): void {
  program
    .command('sim')
    .description('simulate a cluster: convergence, detection, traffic; needs no node')
    .option('--nodes <n>', 'how many', countOf(2, 16_384), 100)
    .option('--loss <ratio>', 'share of packets lost, such as 1% or 0.01', parseRatio, 0)
    .option('--kill <n>', 'how many crash at once, at the end', countOf(0, 16_383), 1)
    .option('--seed <n>', 'decides all that is left to chance', countOf(0, 4_294_967_295), 1)
    .option('--config <file>', "murmurd's YAML file: gossipIntervalMs, phiThreshold, detector, tokens")
    .option('--plot <file>', 'draw the convergence curve and the traffic as SVG')
    .option('--styles', 'compare push, pull and push-pull exchanges, without rumors, with the theory')
    .action(async (flags: SimFlags, command: Command) => {
      // The simulator is all of a node: no other command should pay for loading it.
      const { runSim } = await import('../run-sim.ts');
      runSim(flags, command.optsWithGlobals<{ json?: true }>().json === true, io);
    });
}

function countOf(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
    if (value >= least && value <= most) return value;
    throw new InvalidArgumentError(`Expected a whole number from ${least} to ${most}.`);
  };
}

function parseRatio(text: string): number {
  const [, amount, percent] = /^(\d+(?:\.\d+)?)(%?)$/.exec(text.replace(' ', '')) ?? [];
  const ratio = Number(amount) / (percent === '%' ? 100 : 1);
  if (ratio >= 0 && ratio < 1) return ratio;
  throw new InvalidArgumentError('Expected a share such as 1% or 0.01, below 100%.');
}
