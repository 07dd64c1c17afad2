import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { main } from '../../src/cli/main.ts';
import { simPlot } from '../../src/cli/render/sim-plot.ts';
import { NodeReader } from '../../src/node/node-reader.ts';
import { simulate } from '../../src/sim/simulation.ts';
import { runRingctl } from './run-ringctl.ts';

let directory = '';
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'ringctl-sim-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

const file = (name: string, text: string): string => {
  const path = join(directory, name);
  writeFileSync(path, text);
  return path;
};

const small = ['sim', '--nodes', '6', '--loss', '1%', '--seed', '7'];

describe('ringctl sim', () => {
  it('prints a figure a line, and the same again for the same seed but for its speed', async () => {
    const run = async (): Promise<string> => {
      const { exitCode, stdout, stderr } = await runRingctl(small);
      expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
      return stdout.replace(/[\d.]+ times as fast/, 'N times as fast');
    };
    const text = await run();
    expect(text).toBe(await run());
    expect(text.split('\n').map((line) => line.slice(0, 44).trimEnd())).toEqual([
      'Nodes',
      'Seed',
      'Loss',
      'A change is known to half of the nodes after',
      '  to 99 %',
      '  to the last',
      '  sends per node',
      'Nodes crashed',
      '  first held for dead after (median)',
      '  by all the others (99 %)',
      'Live nodes held for dead',
      'Sent per node, idle',
      '  while a state changes each second',
      'Simulated',
      '',
    ]);
  });

  it('prints its fixed shape with --json, and draws the curves with --plot', async () => {
    const plot = join(directory, 'p.svg');
    const { stdout } = await runRingctl([...small, '--json', '--plot', plot]);
    const report = JSON.parse(stdout);
    expect(report).toEqual({
      nodes: 6,
      seed: 7,
      lossRatio: 0.01,
      convergence: {
        p50Ms: expect.any(Number),
        p99Ms: expect.any(Number),
        maxMs: expect.any(Number),
        maxTicks: expect.any(Number),
        sendsPerNode: expect.any(Number),
      },
      detection: { crashed: 1, firstDeadP50Ms: expect.any(Number), allDeadP99Ms: expect.any(Number) },
      falsePositives: 0,
      sentBytesPerNodePerSecond: { idle: expect.any(Number), busy: expect.any(Number) },
      simulatedMs: expect.any(Number),
      speedup: expect.any(Number),
    });
    const svg = readFileSync(plot, 'utf8');
    expect(svg).toMatch(/^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg"[\s\S]*<\/svg>\n$/);
    expect(svg.match(/<polyline points="[^"]{100,}"/g)).toHaveLength(2);
    expect(svg).not.toMatch(/NaN|Infinity|undefined/);
  });

  it('draws those who never learned of a change among all: the curve ends where they begin', () => {
    const simulation = simulate({ nodes: 4, seed: 1, changes: 2, idleMs: 2_000, clockMs: () => 0 });
    const highest = (missing: number): number => {
      const [, points] = /<polyline points="([^"]*)"/.exec(simPlot({ ...simulation, missing }))!;
      return Math.min(...points!.split(' ').map((point) => Number(point.split(',')[1])));
    };
    const foot = 220;
    expect(foot - highest(6)).toBeCloseTo((foot - highest(0)) / 2, 0);
  });

  it('prints what it found also where the plot can no longer be written', async () => {
    const plots = join(directory, 'plots');
    mkdirSync(plots);
    const told: string[] = [];
    const stderr = {
      write: (text: string) => {
        rmSync(plots, { recursive: true, force: true });
        return told.push(text);
      },
      isTTY: true,
    };
    const stdout = { write: (text: string) => told.push(text) };
    const exitCode = await main([...small, '--plot', join(plots, 'p.svg')], { stdout, stderr, env: {} });
    expect(exitCode).toBe(2);
    expect(told.join('')).toMatch(/Live nodes held for dead[\s\S]*cannot write the plot/);
  });

  it('compares push, pull and push-pull with --styles, beside the theory', async () => {
    const flags = ['sim', '--styles', '--nodes', '12', '--seed', '3'];
    const { exitCode, stdout } = await runRingctl(flags);
    expect(exitCode).toBe(0);
    const [title, header, ...rows] = stdout.trimEnd().split('\n');
    expect(title).toContain('12 nodes, seed 3');
    expect(header!.trimEnd().split(/ {2,}/)).toEqual([
      'Style',
      'Peers an interval',
      'Half know',
      'All know',
      'All, in theory',
    ]);
    const read = rows.map((row) => row.trimEnd().split(/ {2,}/));
    expect(read.map(([style, peers]) => `${style} ${peers}`)).toEqual([
      'push 1',
      'pull 1',
      'push-pull 1',
      'push-pull 3',
    ]);
    const [push, , one, three] = read.map((row) => Number(row[3]));
    expect(push).toBeGreaterThan(one!);
    expect(three).toBeLessThan(one!);
    // Twelve in theory: 2.5 + 2.5 pushed, 1.2 + 1.3 pushed and pulled.
    expect(read.map((row) => row[4])).toEqual(['5.0', '3.8', '2.6', '1.1']);
    const { styles } = JSON.parse((await runRingctl([...flags, '--json'])).stdout);
    expect(styles[2]).toEqual({
      style: 'pushPull',
      peers: 1,
      halfTicks: Number(read[2]![2]),
      allTicks: one,
      theoryTicks: Number(read[2]![4]),
    });
  });

  it("takes what matters from the user's own file, names what does not, and refuses what makes no sense", async () => {
    const config = file(
      'murmurd.yaml',
      'cluster: prod\nlisten: 10.0.0.1:7600\ngossipIntervalMs: 200ms\nphiThreshold: 5\n',
    );
    const { stdout, stderr } = await runRingctl([...small, '--config', config]);
    expect(stderr).toBe(`from ${config}: gossipIntervalMs, phiThreshold; without effect here: cluster, listen\n`);
    expect(stdout).toContain('gossip interval');
    // What the file says is what ran: with the phi detector every node gossips each interval.
    const idle = async (text: string): Promise<number> =>
      JSON.parse((await runRingctl([...small, '--json', '--config', file('other.yaml', text)])).stdout)
        .sentBytesPerNodePerSecond.idle;
    const [swim, phi, hasty] = [
      await idle('detector: swim\n'),
      await idle('detector: phi\n'),
      await idle('detector: phi\ngossipIntervalMs: 500ms\n'),
    ];
    expect(phi).toBeGreaterThan(swim);
    expect(hasty).toBeGreaterThan(1.5 * phi);
    const styles = await runRingctl(['sim', '--styles', '--nodes', '12', '--seed', '3', '--config', config]);
    expect(styles.stderr).toBe(
      `from ${config}: gossipIntervalMs; without effect here: phiThreshold, cluster, listen\n`,
    );
    const bad = file('bad.yaml', 'phiThreshold: 50\n');
    const refused = await runRingctl([...small, '--config', bad]);
    expect(refused).toEqual({
      exitCode: 2,
      stdout: '',
      stderr: 'ringctl: phiThreshold: got 50, expected 5 to 16. Correct it in the configuration file.\n',
    });
  });

  it.each([
    ['tokens: 1.5', 'tokens: got 1.5, expected 1 to 256'],
    ['tokens: [5]', 'tokens: got [5], expected 1 to 256'],
    ['tokens:', 'tokens: got null, expected 1 to 256'],
    ['gossipIntervalMs: 1 s', 'gossipIntervalMs: got "1 s", expected 50 to 60000'],
    ['phiThreshold: "8"', 'phiThreshold: got "8", expected 5 to 16'],
  ])('refuses a file that says %j, as murmurd does, and shows what it says', async (line, said) => {
    const { exitCode, stderr } = await runRingctl([...small, '--config', file('bad.yaml', `${line}\n`)]);
    expect(exitCode).toBe(2);
    expect(stderr).toContain(said);
  });

  it.each([
    [['--loss', '100%'], 'share'],
    [['--nodes', '1'], 'whole number from 2'],
    [['--kill', '6'], 'less than --nodes'],
    [['--seed', '-1'], 'whole number from 0'],
    [['--styles', '--plot', 'p.svg'], 'Give one of them'],
  ])('refuses %j', async (flags, said) => {
    const { exitCode, stderr } = await runRingctl([...small, ...flags]);
    expect(exitCode).toBe(2);
    expect(stderr).toContain(said);
  });

  it('refuses a plot that cannot be written before it simulates anything', async () => {
    const reads = vi.spyOn(NodeReader.prototype, 'endpointState');
    try {
      const { exitCode, stdout, stderr } = await runRingctl([...small, '--plot', join(directory, 'none', 'p.svg')]);
      expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
      expect(stderr).toContain('cannot write the plot');
      expect(reads).not.toHaveBeenCalled();
    } finally {
      reads.mockRestore();
    }
  });

  it('stops at the first invariant that breaks, says which, and how to bring it back', async () => {
    const { endpointState } = NodeReader.prototype;
    let reads = 0;
    const broken = vi.spyOn(NodeReader.prototype, 'endpointState').mockImplementation(function (
      this: NodeReader,
      hostId,
    ) {
      const state = endpointState.call(this, hostId);
      return state === null || ++reads < 5_000 ? state : { ...state, version: 0 };
    });
    try {
      const { exitCode, stdout, stderr } = await runRingctl(small);
      expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' });
      expect(stderr).toMatch(
        /seed 7 at \d+ ms, 10\.0\.0\.\d:7600: what a node knows never goes back within its life, but /,
      );
      expect(stderr).toContain('Replay it with: ringctl sim --nodes 6 --loss 0.01 --kill 1 --seed 7');
    } finally {
      broken.mockRestore();
    }
  });

  it('draws a bar that a narrow terminal does not wrap', async () => {
    const lines: string[] = [];
    const stderr = { write: (text: string) => lines.push(text.replaceAll('\r', '')), isTTY: true, columns: 40 };
    await main(small, { stdout: { write: () => true }, stderr, env: {} });
    expect(lines.filter((line) => line.startsWith('['))).not.toEqual([]);
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThan(40);
  });

  it('draws a bar on a terminal while it runs, and wipes it before the figures', async () => {
    let shown = '';
    const stderr = { write: (text: string) => (shown += text), isTTY: true };
    await main(small, { stdout: { write: () => true }, stderr, env: {} });
    expect(shown).toMatch(/\r\[#{15}\.{15}\] +\d\d % /);
    expect(shown).toMatch(/\r +\r$/);
  });
});
