import { readFileSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import { RingError } from '../base/error.ts';
import type { CliIo } from './cli-io.ts';
import { addAlter } from './commands/alter.ts';
import { addDecommission } from './commands/decommission.ts';
import { addDescribeCluster } from './commands/describecluster.ts';
import { addDescribeRing } from './commands/describering.ts';
import { addFailureDetector } from './commands/failuredetector.ts';
import { addAssassinate, addReadmit } from './commands/forced.ts';
import { addGetEndpoints } from './commands/getendpoints.ts';
import { addGossipInfo } from './commands/gossipinfo.ts';
import { addHistory } from './commands/history.ts';
import { addInfo } from './commands/info.ts';
import { addMove } from './commands/move.ts';
import { addOps } from './commands/ops.ts';
import { addPlan } from './commands/plan.ts';
import { addRemoveNode } from './commands/removenode.ts';
import { addRing } from './commands/ring.ts';
import { addRoute } from './commands/route.ts';
import { addSchema } from './commands/schema.ts';
import { addDrain, addJoin, addPlanRestart } from './commands/service.ts';
import { addSim } from './commands/sim.ts';
import { addStatus } from './commands/status.ts';
import { addVersion } from './commands/version.ts';
import { addWhy } from './commands/why.ts';
import { type ExitCode, exitCodeOf } from './exit-code.ts';
import { printable } from './render/quantities.ts';

/**
 * `ringctl`: nodetool for a murmuring ring. `argv` are the arguments after the program's name. Resolves to the exit
 * code and never rejects: what went wrong, and what to do, is exactly one line on `io.stderr`.
 */
export async function main(argv: readonly string[], io: CliIo): Promise<ExitCode> {
  try {
    await programOf(io).parseAsync([...argv], { from: 'user' });
    return 0;
  } catch (error) {
    if (error instanceof CommanderError) return endOf(error, io);
    const told = error instanceof RingError ? error : null;
    const said = told?.message ?? (error instanceof Error ? error.message : String(error));
    complain(io, said, told?.hint ?? null);
    return told === null ? 1 : exitCodeOf(told.code);
  }
}

/** The whole command line as commander sees it. Global options are understood before and after a command's name. */
function programOf(io: CliIo): Command {
  const program = new Command('ringctl')
    .description('Looks at, and changes, a murmuring ring through one of its nodes.')
    .option('--http <url>', 'the node to ask (default: http://127.0.0.1:7601; environment: RINGCTL_HTTP)')
    .option(
      '--token-file <file>',
      'file with the bearer token (environment: MURMURING_HTTP_TOKEN has the token itself)',
    )
    .option('--json', 'print exactly what the node answers under /v1')
    .version(ownVersion(), '--version', 'print the version of ringctl itself')
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({
      writeOut: (text) => io.stdout.write(text),
      // What commander would say here is told once, and in one line, by `endOf`.
      writeErr: () => {},
      getOutHelpWidth: () => 80,
    })
    .exitOverride();
  addStatus(program, io);
  addRing(program, io);
  addHistory(program, io);
  addInfo(program, io);
  addGossipInfo(program, io);
  addDescribeCluster(program, io);
  addGetEndpoints(program, io);
  addDescribeRing(program, io);
  addFailureDetector(program, io);
  addWhy(program, io);
  addRoute(program, io);
  addPlan(program, io);
  addDecommission(program, io);
  addMove(program, io);
  addRemoveNode(program, io);
  addAlter(program, io);
  addOps(program, io);
  addJoin(program, io);
  addDrain(program, io);
  addPlanRestart(program, io);
  addAssassinate(program, io);
  addReadmit(program, io);
  addSchema(program, io);
  addSim(program, io);
  addVersion(program, io);
  return program;
}

/** Commander ends by throwing, also after `--help`. */
function endOf(error: CommanderError, io: CliIo): ExitCode {
  if (error.exitCode === 0) return 0;
  const said = error.code === 'commander.help' ? 'no command given' : error.message.replace(/^error: /, '');
  complain(io, said, 'See `ringctl --help`.');
  return 2;
}

function complain(io: CliIo, said: string, hint: string | null): void {
  const sentence = said.replace(/\s*\n\s*/g, ' ').replace(/[.\s]+$/, '');
  io.stderr.write(`${printable(`ringctl: ${sentence}.${hint === null ? '' : ` ${hint}`}`)}\n`);
}

function ownVersion(): string {
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  return String(version);
}
