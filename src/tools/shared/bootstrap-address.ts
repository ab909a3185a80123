import { parseHostPort } from '../../client/bootstrap.ts';

/**
 * What is wrong with a list of addresses as some of Kafka's tools check it before they connect; undefined when nothing
 * is. The texts are Kafka's, with the line end that they have there.
 */
export function bootstrapAddressProblem(addresses: string): string | undefined {
  if (addresses.trim() === '') return 'Error while validating the bootstrap address\n';
  // Java's String.split drops empty pieces at the end.
  if (
    addresses
      .replace(/,+$/, '')
      .split(',')
      .every((address) => parseHostPort(address) !== undefined)
  )
    return undefined;
  return 'Please provide valid host:port like host1:9091,host2:9092\n';
}
