import { randomBytes, randomInt, randomUUID } from 'node:crypto';
import pino, { type Logger } from 'pino';
import { RingError } from '../base/error.ts';
import type { Address } from '../base/id.ts';
import { SeededRandom } from '../base/random.ts';
import { EndpointDirectory } from '../gossip/endpoint-directory.ts';
import { planView } from '../http/plan-view.ts';
import { type HttpServer, startHttpServer } from '../http/server.ts';
import { defaultNodeConfig, type NodeConfig } from '../node/node-config.ts';
import { NodeCore } from '../node/node-core.ts';
import { LevelStore } from '../storage/level-store.ts';
import { openSocketTransport } from '../transport/socket-transport.ts';
import type { Transport, TransportHandler } from '../transport/transport.ts';
import { formatAddress, isLoopback, isWildcard, parseAddress } from './address.ts';
import { CorePort } from './core-port.ts';
import { Driver } from './driver.ts';
import { directoryBytes, LoadMeter } from './load-meter.ts';
import { MovementRunner } from './movement-runner.ts';
import { movementTask } from './movement-task.ts';
import { MurmuringNode } from './murmuring-node.ts';
import { logEvent } from './node-log.ts';
import type { NodeOptions } from './node-options.ts';
import { openOperations } from './open-operations.ts';
import { Outcome } from './outcome.ts';
import { rejectionLog } from './rejection-log.ts';
import { releaseVersion } from './release-version.ts';
import { type ResolvedNodeOptions, resolveNodeOptions } from './resolve-node-options.ts';
import { SeedFile } from './seed-file.ts';
import { fixedSeeds, SeedResolver } from './seed-resolver.ts';
import { ShutdownStack } from './shutdown-stack.ts';

/** How long a clean stop gives its goodbyes to leave. */
const farewellMs = 200;
/** How long a node that has left goes on to answer HTTP: whoever follows its operation hears there how it went. */
const lastAnswersMs = 1_500;

/**
 * Starts a node in this process: opens the store, the gossip port and HTTP, finds or founds the cluster, and joins it.
 * Resolves when the node is NORMAL (an observer: when it knows the ring). Rejects with a RingError that says what to do;
 * then everything that was opened is closed again, and what the store held it still holds.
 */
export async function startNode(options: NodeOptions): Promise<MurmuringNode> {
  return startNodeWith(options, {});
}

/** Where tests put a node on worse ground than an application can: not for applications, and behind no public door. */
export interface NodeSeams {
  /** Comes between the node and its sockets, as `FaultTransport` does. */
  readonly transport?: (inner: Transport, handler: TransportHandler) => Transport;
  /** Overrides what the core is told. */
  readonly config?: Partial<NodeConfig>;
}

/** `startNode` for tests of whole processes. */
export async function startNodeWith(options: NodeOptions, seams: NodeSeams): Promise<MurmuringNode> {
  const resolved = resolveNodeOptions(options);
  const logger = resolved.logger ?? pino({ level: resolved.logLevel });
  for (const warning of resolved.warnings) logger.warn({ event: 'unwise' }, warning);
  const shutdown = new ShutdownStack();
  try {
    return await assemble(resolved, logger, shutdown, seams);
  } catch (error) {
    // What cannot be closed is not why the start failed.
    await shutdown.run().catch(() => {});
    throw error;
  }
}

async function assemble(
  options: ResolvedNodeOptions,
  logger: Logger,
  shutdown: ShutdownStack,
  seams: NodeSeams,
): Promise<MurmuringNode> {
  const store = await LevelStore.open(options.data, {
    clusterName: options.cluster,
    warn: (text) => logger.warn({ event: 'store' }, text),
    failed: (error) => outcome.end(error),
  });
  shutdown.add(() => store.close());
  const stored = await store.load();
  const freshHostId = randomUUID();
  const bootNonce = randomBytes(8).toString('hex');
  const config = { ...coreConfig(options), ...seams.config };
  const core = new NodeCore({
    config,
    random: new SeededRandom(randomInt(2 ** 47)),
    directory: new EndpointDirectory(),
  });
  const outcome = new Outcome(options.signal);
  let node: MurmuringNode | null = null;
  let starting: Promise<void> | null = null;
  const begin = async (started: MurmuringNode): Promise<void> => {
    try {
      await options.onStart?.(started);
    } catch (error) {
      throw failedStart(error);
    }
  };
  let toldNothingMoves = false;
  const nothingMoves = (): void => {
    const [open] = toldNothingMoves ? [] : openOperations(core.reader);
    if (open === undefined) return;
    toldNothingMoves = true;
    const why = 'neither onRangeMovement nor movementCommand is set';
    logger.info({ event: 'nothingMoves', operationId: open.operationId }, `no data is moved for ${open.kind}: ${why}`);
  };
  const driver = new Driver(core, store, {
    event: (event) => {
      logEvent(logger, event, (hostId) => core.reader.member(hostId).address);
      if (event.kind === 'cluster' && node !== null && starting === null) {
        starting = begin(node);
        starting.catch((error) => outcome.end(error));
      }
      if (event.kind === 'ready') void starting?.then(() => outcome.ready()).catch(() => {});
      if (event.kind === 'fatal') outcome.end(event.error);
      port.heard(event);
      node?.heard(event);
      movements?.heard(event);
      if (event.kind === 'ring' && movements === null) nothingMoves();
      if (event.kind === 'left') setTimeout(() => outcome.end(null), lastAnswersMs).unref();
    },
    failed: (error) => outcome.end(asRingError(error)),
  });
  const sockets = await openSocketTransport({
    listen: options.listen,
    clusterName: options.cluster,
    clusterId: stored.identity?.clusterId ?? null,
    secret: options.secret ?? new Uint8Array(),
    hostId: stored.identity?.hostId ?? freshHostId,
    bootNonce,
    handler: driver,
    onRejected: rejectionLog(logger),
  });
  const movements = movementRunner(options, { core, driver, logger, started: () => starting });
  const transport = seams.transport?.(sockets, driver) ?? sockets;
  shutdown.add(() => transport.close());
  driver.attach(transport);
  shutdown.add(async () => driver.stop(new RingError('STOPPED', 'the node was stopped')));
  shutdown.add(async () => movements?.stop());
  const address = advertisedAddress(options, transport.address.port);
  const port = new CorePort({ core, driver, transport, config });
  const http = await openHttp(options, port, logger);
  if (http !== null) shutdown.add(() => http.close());
  const httpAddress = http === null ? null : reachable(http.address, parseAddress(address).host);

  node = new MurmuringNode({
    driver,
    read: () => core.reader,
    gossipAddress: address,
    httpAddress,
    stopped: outcome.ended,
    plan: (request) => planView(port, request),
    stop: async () => {
      if (!outcome.over) await farewell(driver);
      outcome.end(null);
      await shutdown.run();
    },
  });
  driver.input({
    kind: 'start',
    stored,
    freshHostId,
    bootNonce,
    address,
    httpAddress: toldOthers(httpAddress, address),
  });
  const { seedsFile, ownSeed } = options;
  // A member knows its peers from its store: it starts whatever became of the file.
  const withoutFile = stored.identity?.clusterId ? [] : null;
  const source =
    seedsFile === null
      ? fixedSeeds(ownSeed ? [address] : options.seeds)
      : new SeedFile(seedsFile, (text) => logger.warn({ event: 'seedsFile' }, text), withoutFile);
  const seeds = new SeedResolver(source, (found) => driver.input({ kind: 'seeds', seeds: found }));
  shutdown.add(async () => seeds.stop());
  // Not awaited: a name service that is silent holds up neither a node that needs no seed nor its stop.
  seeds.look().catch((error: unknown) => outcome.end(asRingError(error)));
  await outcome.untilReady(options.shadowTimeoutMs, () => port.joinWait());

  const load = loadMeter(options, driver, logger);
  load?.start();
  shutdown.add(async () => load?.stop());
  // A node that must stop by itself closes everything as `stop` does, but has nothing to announce; what cannot be closed,
  // `stop` tells.
  void outcome.ended.then(() => shutdown.run().catch(() => {}));
  return node;
}

function coreConfig(options: ResolvedNodeOptions): NodeConfig {
  return {
    ...defaultNodeConfig,
    clusterName: options.cluster,
    releaseVersion,
    datacenter: options.datacenter,
    rack: options.rack,
    tokens: options.tokens,
    initialTokens: options.initialTokens,
    found: options.found,
    join: options.join,
    strictJoin: options.strictJoin,
    replace: options.replace,
    movements: options.onRangeMovement !== null,
    joinAsNew: options.joinAsNew,
    allowConfigChange: options.allowConfigChange,
    detector: options.detector,
    phiThreshold: options.phiThreshold,
    gossipIntervalMs: options.gossipIntervalMs,
    shadowTimeoutMs: options.shadowTimeoutMs,
    joinTimeoutMs: options.joinTimeoutMs,
    skipSchema: options.skipSchema,
  };
}

function advertisedAddress(options: ResolvedNodeOptions, realPort: number): Address {
  const { host, port } = options.advertise ?? { host: options.listen.host, port: 0 };
  return formatAddress({ host, port: port === 0 ? realPort : port });
}

/** Who listens at every interface is reached where its gossip is. */
function reachable(address: Address, advertisedHost: string): Address {
  const { host, port } = parseAddress(address);
  return formatAddress({ host: isWildcard(host) ? advertisedHost : host, port });
}

/** An address of this host alone is no use to whoever is on another. */
function toldOthers(httpAddress: Address | null, gossipAddress: Address): Address | null {
  if (httpAddress === null || isLoopback(parseAddress(gossipAddress).host)) return httpAddress;
  return isLoopback(parseAddress(httpAddress).host) ? null : httpAddress;
}

async function openHttp(options: ResolvedNodeOptions, port: CorePort, logger: Logger): Promise<HttpServer | null> {
  if (options.http === null) return null;
  return startHttpServer({
    listen: options.http,
    port,
    logger,
    bearerToken: options.httpToken,
    insecure: options.insecure,
  });
}

function loadMeter(options: ResolvedNodeOptions, driver: Driver, logger: Logger): LoadMeter | null {
  const { loadProvider, loadDirectory } = options;
  if (loadProvider === null && loadDirectory === null) return null;
  return new LoadMeter({
    measure: async () => (loadProvider === null ? directoryBytes(loadDirectory!) : loadProvider()),
    tell: (bytes) => void driver.command({ kind: 'setLoad', bytes }).catch(() => {}),
    warn: (reason) => logger.warn({ event: 'load' }, `the load of this node is not known: ${reason}`),
  });
}

/** Null where the application moves nothing itself: the core then takes every movement for done. */
function movementRunner(
  { onRangeMovement }: ResolvedNodeOptions,
  { core, driver, logger, started }: Assembled,
): MovementRunner | null {
  if (onRangeMovement === null) return null;
  return new MovementRunner({
    handler: async (task, context) => {
      // An application that is not ready to serve is not ready to move either.
      await started();
      return onRangeMovement(task, context);
    },
    taskOf: (movement, role) => movementTask(core.reader, movement, role),
    command: (command) => driver.command(command),
    warn: (text, facts) => logger.warn({ event: 'movementFailed', ...facts }, text),
  });
}

interface Assembled {
  readonly core: NodeCore;
  readonly driver: Driver;
  readonly logger: Logger;
  /** `onStart`, once it was called. */
  readonly started: () => Promise<void> | null;
}

async function farewell(driver: Driver): Promise<void> {
  const told = await driver.command({ kind: 'goodbye' }).catch(() => 0);
  if (told !== 0) await new Promise((resolve) => setTimeout(resolve, farewellMs));
}

function failedStart(error: unknown): RingError {
  if (error instanceof RingError) return error;
  return new RingError('STOPPED', `onStart failed: ${error instanceof Error ? error.message : String(error)}`, {
    hint: 'see the cause; the store holds what it held',
    cause: error,
  });
}

function asRingError(error: unknown): RingError {
  if (error instanceof RingError) return error;
  const message = error instanceof Error ? error.message : String(error);
  return new RingError('STOPPED', `the node cannot go on: ${message}`, {
    hint: 'this is a defect or a failing disk: keep the log, and start the node again',
    cause: error,
  });
}
