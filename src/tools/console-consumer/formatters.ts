import { DefaultMessageFormatter, type MessageFormatter, NoOpMessageFormatter, type ReportError } from './formatter.ts';

const PACKAGE = 'org.apache.kafka.tools.consumer.';

/**
 * Makes the formatter of a Java class name; undefined when there is none. Those of internal topics are loaded only when
 * they are asked for.
 */
export async function makeFormatter(
  className: string,
  properties: ReadonlyMap<string, string>,
  reportError: ReportError,
): Promise<MessageFormatter | undefined> {
  if (!className.startsWith(PACKAGE)) return undefined;
  const name = className.slice(PACKAGE.length);
  switch (name) {
    case 'DefaultMessageFormatter':
    // Its additional lines are of level INFO, which Kafka's scripts do not print.
    case 'LoggingMessageFormatter':
      return new DefaultMessageFormatter(properties, reportError);
    case 'NoOpMessageFormatter':
      return new NoOpMessageFormatter();
    default: {
      const { coordinatorFormatter } = await import('./coordinator-formatters.ts');
      return coordinatorFormatter(name);
    }
  }
}
