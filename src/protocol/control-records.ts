/** Bodies of control records, and of the principal in an Envelope. */
import {
  array,
  boolean,
  type Decoded,
  data,
  type Input,
  int16,
  int32,
  int64,
  string,
  struct,
  uint16,
  uuid,
} from './schema.ts';

export const controlRecordTypeSchema = data('ControlRecordTypeSchema', -1, '0', 'none', () => ({
  type: int16('0+'),
}));
export type ControlRecordTypeSchema = Decoded<typeof controlRecordTypeSchema>;
export type ControlRecordTypeSchemaInput = Input<typeof controlRecordTypeSchema>;

export const endTxnMarker = data('EndTxnMarker', -1, '0', 'none', () => ({
  coordinatorEpoch: int32('0+'),
}));
export type EndTxnMarker = Decoded<typeof endTxnMarker>;
export type EndTxnMarkerInput = Input<typeof endTxnMarker>;

const voterFields = {
  voterId: int32('0+'),
  voterDirectoryId: uuid('1+'),
};

export const leaderChangeMessage = data('LeaderChangeMessage', -1, '0-1', '0+', () => ({
  version: int16('0+'),
  leaderId: int32('0+'),
  voters: array('0+', voterFields),
  grantingVoters: array('0+', voterFields),
}));
export type LeaderChangeMessage = Decoded<typeof leaderChangeMessage>;
export type LeaderChangeMessageInput = Input<typeof leaderChangeMessage>;

export const snapshotHeaderRecord = data('SnapshotHeaderRecord', -1, '0', '0+', () => ({
  version: int16('0+'),
  lastContainedLogTimestamp: int64('0+'),
}));
export type SnapshotHeaderRecord = Decoded<typeof snapshotHeaderRecord>;
export type SnapshotHeaderRecordInput = Input<typeof snapshotHeaderRecord>;

export const snapshotFooterRecord = data('SnapshotFooterRecord', -1, '0', '0+', () => ({
  version: int16('0+'),
}));
export type SnapshotFooterRecord = Decoded<typeof snapshotFooterRecord>;
export type SnapshotFooterRecordInput = Input<typeof snapshotFooterRecord>;

export const kRaftVersionRecord = data('KRaftVersionRecord', -1, '0', '0+', () => ({
  version: int16('0+'),
  kRaftVersion: int16('0+'),
}));
export type KRaftVersionRecord = Decoded<typeof kRaftVersionRecord>;
export type KRaftVersionRecordInput = Input<typeof kRaftVersionRecord>;

export const votersRecord = data('VotersRecord', -1, '0', '0+', () => ({
  version: int16('0+'),
  voters: array('0+', {
    voterId: int32('0+'),
    voterDirectoryId: uuid('0+'),
    endpoints: array('0+', {
      name: string('0+'),
      host: string('0+'),
      port: uint16('0+'),
    }),
    kRaftVersionFeature: struct('0+', {
      minSupportedVersion: int16('0+'),
      maxSupportedVersion: int16('0+'),
    }),
  }),
}));
export type VotersRecord = Decoded<typeof votersRecord>;
export type VotersRecordInput = Input<typeof votersRecord>;

export const defaultPrincipalData = data('DefaultPrincipalData', -1, '0', '0+', () => ({
  type: string('0+'),
  name: string('0+'),
  tokenAuthenticated: boolean('0+'),
}));
export type DefaultPrincipalData = Decoded<typeof defaultPrincipalData>;
export type DefaultPrincipalDataInput = Input<typeof defaultPrincipalData>;
