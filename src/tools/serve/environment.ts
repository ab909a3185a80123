/** Variables of the official images that start with KAFKA_ but are no broker properties. */
const NOT_PROPERTIES =
  /^KAFKA_(?:HEAP_OPTS|OPTS|JVM_PERFORMANCE_OPTS|GC_LOG_OPTS|JMX_\w+|LOG4J_\w+|TOOLS_LOG4J_\w+|VERSION|HOME|DEBUG|CLUSTER_ID)$/;

/**
 * Broker properties from the environment, as the images apache/kafka and confluentinc/cp-kafka read them:
 * `KAFKA_NUM_PARTITIONS=3` is `num.partitions=3`. One underscore is a dot, two are an underscore, three a dash.
 */
export function propertiesFromEnvironment(env: Readonly<Record<string, string | undefined>>): Map<string, string> {
  const properties = new Map<string, string>();
  for (const [name, value] of Object.entries(env)) {
    if (value === undefined || !name.startsWith('KAFKA_') || NOT_PROPERTIES.test(name)) continue;
    properties.set(propertyName(name.slice('KAFKA_'.length)), value);
  }
  return properties;
}

function propertyName(name: string): string {
  const replacements: Record<string, string> = { ___: '-', __: '_', _: '.' };
  return name.toLowerCase().replaceAll(/_{1,3}/g, (underscores) => replacements[underscores] ?? underscores);
}
