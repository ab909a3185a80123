/** The release of Apache Kafka whose tools these are; `--version` prints it. */
export const KAFKA_VERSION = '4.4.0';
/** Its commit, which some tools print too. */
export const KAFKA_COMMIT = '1156b2752aaa28ea';
