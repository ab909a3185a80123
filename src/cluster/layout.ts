import { userInfo } from 'node:os';
import { join } from 'node:path';
import type { FileSystem } from '../base/file-system.ts';
import { isUuid, type Uuid } from '../base/uuid.ts';

/** What a node does, as in `process.roles`. */
export type NodeRole = 'broker' | 'controller';

/** One process of a cluster. */
export interface NodeSpec {
  readonly id: number;
  readonly roles: readonly NodeRole[];
  /** Where clients and the other nodes reach it. */
  readonly host: string;
  /** Port of the broker listener; undefined on a node that is only a controller. */
  readonly port?: number;
  /** Port of the controller listener; undefined on a node that is only a broker. */
  readonly controllerPort?: number;
  readonly rack?: string;
  /** Further published broker ports (a compose file may have several). */
  readonly extraPorts?: readonly number[];
  /** Broker properties of this node alone. */
  readonly overrides?: Readonly<Record<string, string>>;
  /** Directory id of the node's data folder, which a voter is known by. */
  readonly directoryId: Uuid;
  /** Whether it is in the first voter set. */
  readonly isInitialVoter: boolean;
}

/** What cluster.json holds: everything of a cluster that does not change while it runs. */
export interface ClusterSpec {
  readonly version: 1;
  readonly clusterId: Uuid;
  readonly nodes: readonly NodeSpec[];
  readonly replicationFactor: number;
  /** Broker properties that the user set, for every node. */
  readonly overrides: Readonly<Record<string, string>>;
}

/** A launcher's failure that the user can do something about; its message is the whole explanation. */
export class ClusterError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'ClusterError';
  }
}

/** Where a cluster lives unless told otherwise: `ottla/cluster` in the user's data folder. */
export function defaultClusterDir(env: Readonly<Record<string, string | undefined>>): string {
  const xdg = env['XDG_DATA_HOME'];
  if (xdg?.startsWith('/')) return join(xdg, 'ottla', 'cluster');
  const local = env['LOCALAPPDATA'];
  if (process.platform === 'win32' && local !== undefined && local !== '') return join(local, 'ottla', 'cluster');
  return join(env['HOME'] || userInfo().homedir, '.local', 'share', 'ottla', 'cluster');
}

/** The files of a cluster's folder. */
export class ClusterLayout {
  readonly directory: string;
  readonly #fileSystem: FileSystem;

  constructor(directory: string, fileSystem: FileSystem) {
    this.directory = directory;
    this.#fileSystem = fileSystem;
  }

  get specPath(): string {
    return join(this.directory, 'cluster.json');
  }

  nodeDirectory(id: number): string {
    return join(this.directory, `node-${id}`);
  }

  dataDir(id: number): string {
    return join(this.nodeDirectory(id), 'data');
  }

  /** The lock of the data folder: number and start of the process that holds it. */
  lockPath(id: number): string {
    return join(this.dataDir(id), '.lock');
  }

  propertiesPath(id: number): string {
    return join(this.nodeDirectory(id), 'server.properties');
  }

  /** What the node prints. */
  logPath(id: number): string {
    return join(this.nodeDirectory(id), 'node.log');
  }

  /** Which process the node is. */
  processPath(id: number): string {
    return join(this.nodeDirectory(id), 'process.json');
  }

  /** What the launcher asks of a running node (which nodes it is cut off from). */
  faultsPath(id: number): string {
    return join(this.nodeDirectory(id), 'faults.json');
  }

  exists(): boolean {
    return this.#fileSystem.exists(this.specPath);
  }

  /** Throws ClusterError when there is no cluster. */
  checkExists(): void {
    if (this.exists()) return;
    throw new ClusterError(`there is no cluster in ${this.directory}; start one with: ottla cluster start`);
  }

  /** Ids of the nodes that have a folder, whatever cluster.json says. */
  nodeIds(): number[] {
    return this.#fileSystem.list(this.directory).flatMap((name) => {
      const [, id] = /^node-(\d+)$/.exec(name) ?? [];
      return id === undefined ? [] : [Number(id)];
    });
  }

  /** Throws ClusterError when there is no cluster, or its file is not one that this version wrote. */
  readSpec(): ClusterSpec {
    this.checkExists();
    let value: unknown;
    try {
      value = JSON.parse(this.#fileSystem.readFile(this.specPath).toString());
    } catch (error) {
      throw new ClusterError(`${this.specPath} is no JSON; ottla cluster purge removes the cluster`, { cause: error });
    }
    if (!isClusterSpec(value)) {
      throw new ClusterError(
        `${this.specPath} was not written by this version of ottla; ottla cluster purge removes the cluster`,
      );
    }
    return value;
  }

  writeSpec(spec: ClusterSpec): void {
    this.#fileSystem.makeDirectory(this.directory);
    this.#fileSystem.writeFileAtomically(this.specPath, `${JSON.stringify(spec, null, 2)}\n`);
  }
}

function isClusterSpec(value: unknown): value is ClusterSpec {
  if (typeof value !== 'object' || value === null) return false;
  const spec = value as Partial<ClusterSpec>;
  return (
    spec.version === 1 &&
    typeof spec.clusterId === 'string' &&
    isUuid(spec.clusterId) &&
    Array.isArray(spec.nodes) &&
    spec.nodes.length > 0 &&
    typeof spec.replicationFactor === 'number' &&
    typeof spec.overrides === 'object'
  );
}
