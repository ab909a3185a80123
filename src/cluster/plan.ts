import type { Random } from '../base/random.ts';
import { randomUuid } from '../base/random.ts';
import { ClusterError, type ClusterSpec, type NodeRole, type NodeSpec } from './layout.ts';
import { claimPorts } from './ports.ts';

/** What the user may say of a new cluster. */
export interface ClusterPlan {
  /** Default 3. */
  readonly brokers?: number;
  /**
   * Number of processes that are only controllers. Without it the first three brokers (or the only one) are controllers
   * as well.
   */
  readonly controllers?: number;
  /** Port of the first broker, the others follow; 0 takes free ones. Default 9092. */
  readonly port?: number;
  /** Default: 3, or the number of brokers when there are fewer. */
  readonly replicationFactor?: number;
  readonly overrides?: Readonly<Record<string, string>>;
}

export const DEFAULT_BROKERS = 3;
export const DEFAULT_PORT = 9092;
/** A quorum of three survives the loss of one; more voters only make each commit slower. */
const MAX_COMBINED_CONTROLLERS = 3;
/** How far a controller's port lies above its broker's, when the first port was chosen by the user. */
const CONTROLLER_PORT_DISTANCE = 10_000;
const MAX_NODES = 100;

function checkCount(name: string, value: number, min: number, max: number): void {
  if (!Number.isInteger(value) || value < min || value > max) {
    throw new ClusterError(`${name} must be a whole number from ${min} to ${max}, received ${value}`);
  }
}

/** What differs from node to node, or follows from the plan: one value for all of them would break the cluster. */
const DECIDED_HERE: ReadonlySet<string> = new Set([
  ...['node.id', 'broker.id', 'process.roles', 'listeners', 'log.dir', 'log.dirs', 'metadata.log.dir'],
  ...['controller.quorum.voters', 'controller.quorum.bootstrap.servers'],
]);

/**
 * Decides ids, roles, ports and racks. Node ids count from 1, brokers first; each broker has a rack of its own, so that
 * consumers with a `client.rack` find a nearby replica. Throws ClusterError for impossible numbers, a port in use, or a
 * property that it decides itself.
 */
export async function planCluster(plan: ClusterPlan, random: Random): Promise<ClusterSpec> {
  const brokers = plan.brokers ?? DEFAULT_BROKERS;
  checkCount('--brokers', brokers, 1, MAX_NODES);
  if (plan.controllers !== undefined) checkCount('--controllers', plan.controllers, 1, MAX_NODES);
  const replicationFactor = plan.replicationFactor ?? Math.min(3, brokers);
  checkCount('--rf', replicationFactor, 1, brokers);
  const decided = Object.keys(plan.overrides ?? {}).find((name) => DECIDED_HERE.has(name));
  if (decided !== undefined) {
    throw new ClusterError(`${decided} differs from node to node and cannot be overridden; see --port and --data-dir`);
  }
  const dedicated = plan.controllers ?? 0;
  const combined = dedicated > 0 ? 0 : brokers >= MAX_COMBINED_CONTROLLERS ? MAX_COMBINED_CONTROLLERS : 1;
  const ports = await choosePorts(plan.port ?? DEFAULT_PORT, brokers, combined + dedicated);

  const nodes: NodeSpec[] = [];
  for (let i = 0; i < brokers + dedicated; i++) {
    const isBroker = i < brokers;
    const controllerIndex = isBroker ? (i < combined ? i : -1) : i - brokers;
    nodes.push(
      makeNode(i + 1, isBroker ? ports.brokers[i] : undefined, ports.controllers[controllerIndex], random, true),
    );
  }
  return { version: 1, clusterId: randomUuid(random), nodes, replicationFactor, overrides: plan.overrides ?? {} };
}

/** A node with the ports that it got; its roles follow from them. */
export function makeNode(
  id: number,
  port: number | undefined,
  controllerPort: number | undefined,
  random: Random,
  isInitialVoter: boolean,
): NodeSpec {
  const roles: NodeRole[] = [];
  if (port !== undefined) roles.push('broker');
  if (controllerPort !== undefined) roles.push('controller');
  return {
    id,
    roles,
    host: 'localhost',
    ...(port === undefined ? {} : { port, rack: `rack-${id}` }),
    ...(controllerPort === undefined ? {} : { controllerPort }),
    directoryId: randomUuid(random),
    isInitialVoter: isInitialVoter && controllerPort !== undefined,
  };
}

async function choosePorts(first: number, brokers: number, controllers: number) {
  checkCount('--port', first, 0, 65_535);
  if (first === 0) {
    const free = await claimPorts(Array<number>(brokers + controllers).fill(0));
    return { brokers: free.slice(0, brokers), controllers: free.slice(brokers) };
  }
  checkCount('--port', first, 1, 65_535 - brokers + 1);
  const above = first + CONTROLLER_PORT_DISTANCE + controllers <= 65_536;
  const firstController = above ? first + CONTROLLER_PORT_DISTANCE : first - CONTROLLER_PORT_DISTANCE;
  const wanted = [
    ...Array.from({ length: brokers }, (_, i) => first + i),
    ...Array.from({ length: controllers }, (_, i) => firstController + i),
  ];
  const claimed = await claimPorts(wanted);
  return { brokers: claimed.slice(0, brokers), controllers: claimed.slice(brokers) };
}
