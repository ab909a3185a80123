import { JavaException } from '../shared/java-errors.ts';
import { arrayIn, integerIn, type JsonObject, objectOf, parseJson, stringIn } from '../shared/json-file.ts';

/** One entry of an offset file. */
export interface Deletion {
  readonly topic: string;
  readonly partition: number;
  /** Records before it go; -1 = all that are there. */
  readonly beforeOffset: number;
}

function adminOperation(message: string): JavaException {
  return new JavaException('org.apache.kafka.tools.AdminOperationException', message);
}

function versionOf(document: JsonObject): number {
  return 'version' in document ? integerIn(document, 'version') : 1;
}

/** Reads the text of an offset file. Throws JavaException with Kafka's texts. */
export function parseDeletions(text: string): Deletion[] {
  const value = parseJson(text);
  if (value === undefined) throw adminOperation('The input string is not a valid JSON');
  const document = objectOf(value);
  const version = versionOf(document);
  if (version !== 1) throw adminOperation(`Not supported version field value ${version}`);
  if (!('partitions' in document)) throw adminOperation('Missing partitions field');
  return arrayIn(document, 'partitions').map((item) => {
    const entry = objectOf(item);
    return {
      topic: stringIn(entry, 'topic'),
      partition: integerIn(entry, 'partition'),
      beforeOffset: integerIn(entry, 'offset'),
    };
  });
}
