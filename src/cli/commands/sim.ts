import { writeFileSync } from 'node:fs';
import { type Command, InvalidArgumentError } from 'commander';
import { RingError } from '../../base/error.ts';
import { compareStyles } from '../../sim/exchange-styles.ts';
import { type SimulationPhase, simulate } from '../../sim/simulation.ts';
import type { CliIo } from '../cli-io.ts';
import { ProgressBar } from '../progress-bar.ts';
import { printable } from '../render/quantities.ts';
import { simPlot } from '../render/sim-plot.ts';
import { simStylesText } from '../render/sim-styles-text.ts';
import { simText } from '../render/sim-text.ts';
import { readSimConfig, type SimConfig } from '../sim-config.ts';

interface SimFlags {
  readonly nodes: number;
  readonly loss: number;
  readonly kill: number;
  readonly seed: number;
  readonly config?: string;
  readonly plot?: string;
  readonly styles?: true;
}

/** Changes that `--styles` spreads with each style. */
const changesCompared = 10;

const words: Record<SimulationPhase, string> = {
  start: 'starting',
  settle: 'settling',
  idle: 'idle',
  changes: 'changing states',
  crashes: 'finding the dead',
  quiet: 'coming to one view',
  done: 'done',
};

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
    .action((flags: SimFlags, command: Command) => {
      run(flags, command.optsWithGlobals<{ json?: true }>().json === true, io);
    });
}

function run(flags: SimFlags, json: boolean, io: CliIo): void {
  if (flags.styles === true && flags.plot !== undefined) {
    throw new RingError('INVALID_ARGUMENT', '--plot draws one simulation, got --styles as well', {
      hint: 'Give one of them.',
    });
  }
  if (flags.kill >= flags.nodes) {
    throw new RingError('INVALID_ARGUMENT', `--kill is ${flags.kill}, expected less than --nodes, ${flags.nodes}`);
  }
  const file = flags.config === undefined ? null : readSimConfig(flags.config);
  if (file !== null && !json) io.stderr.write(`${printable(usedText(flags.config!, file))}\n`);
  const bar = new ProgressBar(io.stderr);
  try {
    if (flags.styles === true) return runStyles(flags, file, json, bar, io);
    const simulation = simulate({
      nodes: flags.nodes,
      seed: flags.seed,
      lossRatio: flags.loss,
      kill: flags.kill,
      config: file?.config ?? {},
      clockMs: () => performance.now(),
      progress: (share, phase) => bar.show(share, words[phase]),
    });
    bar.clear();
    if (flags.plot !== undefined) writePlot(flags.plot, simPlot(simulation));
    io.stdout.write(json ? `${JSON.stringify(simulation.report)}\n` : simText(simulation.report));
  } catch (error) {
    bar.clear();
    if (error instanceof RingError) throw error;
    const said = error instanceof Error ? error.message : String(error);
    throw new RingError('INTERNAL', `the simulation of seed ${flags.seed} failed: ${said}`, {
      hint: `Replay it with: ${replay(flags)}`,
      cause: error,
    });
  }
}

function runStyles(flags: SimFlags, file: SimConfig | null, json: boolean, bar: ProgressBar, io: CliIo): void {
  const { nodes, seed, loss: lossRatio } = flags;
  const { gossipIntervalMs } = file?.config ?? {};
  const interval = gossipIntervalMs === undefined ? {} : { gossipIntervalMs };
  const styles = compareStyles({ nodes, seed, lossRatio, changes: changesCompared, ...interval }, (share, words) =>
    bar.show(share, words),
  );
  bar.clear();
  io.stdout.write(json ? `${JSON.stringify({ nodes, seed, lossRatio, styles })}\n` : simStylesText(styles, flags));
}

/** The command line that gives the same history again. */
function replay({ nodes, loss, kill, seed, config, styles }: SimFlags): string {
  const settings = `${config === undefined ? '' : ` --config ${config}`}${styles === true ? ' --styles' : ''}`;
  return `ringctl sim --nodes ${nodes} --loss ${loss} --kill ${kill} --seed ${seed}${settings}`;
}

function usedText(path: string, { used, ignored }: SimConfig): string {
  const rest = ignored.length === 0 ? '' : `; without effect here: ${ignored.join(', ')}`;
  return `from ${path}: ${used.join(', ') || 'nothing'}${rest}`;
}

function writePlot(path: string, svg: string): void {
  try {
    writeFileSync(path, svg);
  } catch (error) {
    throw new RingError('INVALID_ARGUMENT', `cannot write the plot ${path}: ${(error as Error).message}`, {
      hint: 'Give a file in a directory that exists and may be written to.',
      cause: error,
    });
  }
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
