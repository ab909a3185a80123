import type { ComposeService } from './file.ts';

/** What a service is to us. */
export type ServiceKind = 'broker' | 'zookeeper' | 'command' | 'other';

/** A family of images that read their configuration from the environment in the same way. */
interface ImageFamily {
  readonly image: RegExp;
  /** Prefix of the variables that are broker properties. */
  readonly prefix: string;
}

/** From whatever registry or mirror: what stands before the name does not matter. */
const FAMILIES: readonly ImageFamily[] = [
  { image: /(?:^|\/)apache\/kafka(?:-native)?$/, prefix: 'KAFKA_' },
  { image: /(?:^|\/)confluentinc\/(?:cp-kafka|cp-server|cp-enterprise-kafka|confluent-local)$/, prefix: 'KAFKA_' },
  { image: /(?:^|\/)(?:bitnami|bitnamilegacy|bitnamisecure)\/kafka$/, prefix: 'KAFKA_CFG_' },
  { image: /(?:^|\/)wurstmeister\/kafka$/, prefix: 'KAFKA_' },
];

const ZOOKEEPER = /(?:^|\/)(?:cp-)?zookeeper$/;

/** Variables that the images themselves act upon, or that size a JVM: they ask nothing of a broker that we run. */
const IMAGE_VARIABLES =
  /^(?:KAFKA_(?:HEAP_OPTS|OPTS|JVM_\w+|GC_\w+|JMX_\w+|LOG4J_\w+|TOOLS_LOG4J_\w+|VERSION|HOME|DEBUG|ENABLE_KRAFT|KRAFT_CLUSTER_ID|CLUSTER_ID|BROKER_ID|NODE_ID|CREATE_TOPICS|ZOOKEEPER_\w+|ADVERTISED_HOST_NAME|ADVERTISED_PORT|PORT|BROKER_RACK)|ALLOW_PLAINTEXT_LISTENER|CLUSTER_ID|BITNAMI_DEBUG|TZ)$/;

/** The image's name without its tag or digest. */
function imageName(image: string): string {
  return image.replace(/@.*$/, '').replace(/:[^/]*$/, '');
}

function familyOf(service: ComposeService): ImageFamily | undefined {
  const name = imageName(service.image);
  return FAMILIES.find((family) => family.image.test(name));
}

export function kindOf(service: ComposeService): ServiceKind {
  if (ZOOKEEPER.test(imageName(service.image))) return 'zookeeper';
  if (familyOf(service) === undefined) return 'other';
  // A Kafka image with a command of its own runs a tool, mostly to create topics, and no broker.
  return service.command === undefined ||
    /\b(?:kafka-server-start|\/etc\/kafka\/docker\/run|\/etc\/confluent\/docker\/run)\b/.test(service.command)
    ? 'broker'
    : 'command';
}

/** Broker properties of a service, and the variables that ask for something that is not a property. */
export function propertiesOf(service: ComposeService): { properties: Map<string, string>; unknown: string[] } {
  const properties = new Map<string, string>();
  const unknown: string[] = [];
  const prefix = familyOf(service)?.prefix ?? 'KAFKA_';
  for (const [name, value] of Object.entries(service.environment)) {
    if (IMAGE_VARIABLES.test(name)) continue;
    if (name.startsWith(prefix)) properties.set(propertyName(name.slice(prefix.length)), value);
    else unknown.push(name);
  }
  return { properties, unknown };
}

function propertyName(name: string): string {
  const replacements: Record<string, string> = { ___: '-', __: '_', _: '.' };
  return name.toLowerCase().replaceAll(/_{1,3}/g, (underscores) => replacements[underscores] ?? underscores);
}

/** `node.id` or the older `broker.id`, from wherever the image takes it. */
export function nodeIdOf(service: ComposeService, properties: ReadonlyMap<string, string>): number | undefined {
  const { environment } = service;
  const text =
    properties.get('node.id') ??
    properties.get('broker.id') ??
    environment['KAFKA_NODE_ID'] ??
    environment['KAFKA_BROKER_ID'];
  const id = Number(text);
  return text !== undefined && Number.isInteger(id) && id >= 0 ? id : undefined;
}

/** Whether a volume holds what the broker writes, and not a script, a configuration or Docker's socket. */
export function keepsData(service: ComposeService): boolean {
  return service.volumes.some((target) => !/\.\w+$/.test(target));
}

/** wurstmeister's `KAFKA_CREATE_TOPICS`: `name:partitions:replicas[:cleanup.policy],...`. */
export function topicsOf(service: ComposeService): string[] {
  const separator = service.environment['KAFKA_CREATE_TOPICS_SEPARATOR'] ?? ',';
  const text = service.environment['KAFKA_CREATE_TOPICS'] ?? '';
  return text
    .split(separator)
    .map((topic) => topic.trim())
    .filter((topic) => topic !== '');
}
