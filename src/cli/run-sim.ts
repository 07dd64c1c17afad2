import { closeSync, openSync, writeFileSync } from 'node:fs';
import { RingError } from '../base/error.ts';
import { compareStyles } from '../sim/exchange-styles.ts';
import { type SimulationPhase, simulate } from '../sim/simulation.ts';
import type { CliIo } from './cli-io.ts';
import { ProgressBar } from './progress-bar.ts';
import { printable } from './render/quantities.ts';
import { simPlot } from './render/sim-plot.ts';
import { simStylesText } from './render/sim-styles-text.ts';
import { simText } from './render/sim-text.ts';
import { readSimConfig, type SimConfig } from './sim-config.ts';

/** What `ringctl sim` was asked, checked one by one. */
export interface SimFlags {
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

/** Runs what `ringctl sim` asks for and prints it. Throws INVALID_ARGUMENT, and INTERNAL with how to replay a failure. */
export function runSim(flags: SimFlags, json: boolean, io: CliIo): void {
  if (flags.styles === true && flags.plot !== undefined) {
    throw new RingError('INVALID_ARGUMENT', '--plot draws one simulation, got --styles as well', {
      hint: 'Give one of them.',
    });
  }
  if (flags.kill >= flags.nodes) {
    throw new RingError('INVALID_ARGUMENT', `--kill is ${flags.kill}, expected less than --nodes, ${flags.nodes}`);
  }
  const file = flags.config === undefined ? null : readSimConfig(flags.config);
  // Before minutes are spent on what cannot be kept. What stands in the file stays until there is something to draw.
  if (flags.plot !== undefined) tryPlot(flags.plot, () => closeSync(openSync(flags.plot!, 'a')));
  if (file !== null && !json) io.stderr.write(`${printable(usedText(flags, file))}\n`);
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
    io.stdout.write(json ? `${JSON.stringify(simulation.report)}\n` : simText(simulation.report));
    if (flags.plot !== undefined) tryPlot(flags.plot, () => writeFileSync(flags.plot!, simPlot(simulation)));
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

function usedText({ config, styles }: SimFlags, file: SimConfig): string {
  // Exchanges alone are compared: no detector runs, and no tokens are owned.
  const isUsed = (key: string): boolean => styles !== true || key === 'gossipIntervalMs';
  const used = file.used.filter(isUsed);
  const ignored = [...file.used.filter((key) => !isUsed(key)), ...file.ignored];
  const rest = ignored.length === 0 ? '' : `; without effect here: ${ignored.join(', ')}`;
  return `from ${config}: ${used.join(', ') || 'nothing'}${rest}`;
}

function tryPlot(path: string, act: () => void): void {
  try {
    act();
  } catch (error) {
    throw new RingError('INVALID_ARGUMENT', `cannot write the plot ${path}: ${(error as Error).message}`, {
      hint: 'Give a file in a directory that exists and may be written to.',
      cause: error,
    });
  }
}
