import { InvalidArgumentError } from 'commander';
import { isUuid, type Uuid } from '../../base/uuid.ts';

/** A voter that the quorum of a new cluster begins with. */
export interface InitialController {
  readonly id: number;
  readonly host: string;
  readonly port: number;
  readonly directoryId: Uuid;
}

const CONTROLLER = /^(\d+)@(?:\[([^\]]+)\]|([^[\]:@]+)):(\d+):(.+)$/;

/** Reads `ID@HOST:PORT:DIRECTORY_ID,...`, as `kafka-storage format --initial-controllers` takes it. */
export function initialControllers(text: string): InitialController[] {
  return text.split(',').map((part) => {
    const [, id, ipv6, host, port, directoryId = ''] = CONTROLLER.exec(part.trim()) ?? [];
    if (id === undefined) {
      throw new InvalidArgumentError(`each must be ID@HOST:PORT:DIRECTORY_ID, received ${JSON.stringify(part)}.`);
    }
    if (!isUuid(directoryId)) {
      const what = `the directory id of controller ${id} must be a UUID in base64`;
      throw new InvalidArgumentError(`${what}, received ${JSON.stringify(directoryId)}.`);
    }
    return { id: Number(id), host: ipv6 ?? host ?? '', port: Number(port), directoryId };
  });
}
