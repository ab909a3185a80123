import { describe, expect, it } from 'vitest';
import { type ErrorName, errorNameOf } from '../../src/protocol/error-codes.ts';
import type { AddRaftVoterRequestInput } from '../../src/protocol/messages/80-add-raft-voter.ts';
import { CLUSTER_ID, Quorum, type QuorumOptions, type SimulatedNode } from './quorum-harness.ts';
import { deliverOverWire, LISTENER } from './wire.ts';

function startedQuorum(options: Partial<QuorumOptions> = {}) {
  const quorum = new Quorum({ seed: 5, voters: 3, ...options });
  quorum.startAll();
  const leader = quorum.awaitLeader();
  quorum.clock.runFor(50);
  return { quorum, leader };
}

/** An answer that may still be under way. */
interface Answer {
  error: ErrorName | undefined;
  message: string | null;
}

function raftOf(node: SimulatedNode) {
  if (node.raft === undefined) throw new Error(`node ${node.id} is down`);
  return node.raft;
}

function add(quorum: Quorum, at: SimulatedNode, node: SimulatedNode, fields: Partial<AddRaftVoterRequestInput> = {}) {
  const answer: Answer = { error: undefined, message: null };
  const request = {
    clusterId: CLUSTER_ID,
    timeoutMs: 1000,
    voterId: node.id,
    voterDirectoryId: node.directoryId,
    listeners: [quorum.endpointOf(node.id)],
    ...fields,
  };
  deliverOverWire(raftOf(at), 'AddRaftVoter', request, ({ errorCode, errorMessage }) => {
    Object.assign(answer, { error: errorNameOf(errorCode), message: errorMessage });
  });
  return answer;
}

function remove(
  at: SimulatedNode,
  node: SimulatedNode,
  directoryId = node.directoryId,
  clusterId: string | null = null,
) {
  const answer: Answer = { error: undefined, message: null };
  const request = { clusterId, voterId: node.id, voterDirectoryId: directoryId };
  deliverOverWire(raftOf(at), 'RemoveRaftVoter', request, ({ errorCode, errorMessage }) => {
    Object.assign(answer, { error: errorNameOf(errorCode), message: errorMessage });
  });
  return answer;
}

function voterIds(node: SimulatedNode): number[] {
  return raftOf(node).status.voters.map((voter) => voter.id);
}

// Goal: voters change one at a time, by the log, and only when the new one holds up nobody (KIP-853).
describe('adding a voter', () => {
  function withObserver(options: Partial<QuorumOptions> = {}) {
    const { quorum, leader } = startedQuorum(options);
    const observer = quorum.addNode(4, true);
    quorum.start(4);
    quorum.clock.runFor(1500);
    return { quorum, leader, observer };
  }

  it('asks it for its versions, writes the voters, and answers when the new majority has them', () => {
    const { quorum, leader, observer } = withObserver();
    const answer = add(quorum, leader, observer);
    expect(answer.error).toBeUndefined();
    expect(quorum.clock.runUntil(() => answer.error !== undefined, 1000)).toBe(true);
    expect(answer).toEqual({ error: 'NONE', message: null });
    quorum.clock.runFor(50);
    for (const node of quorum.liveNodes) expect(voterIds(node)).toEqual([1, 2, 3, 4]);
    expect(observer.raft?.status.isVoter).toBe(true);
    // Three of four are a majority now, two are not.
    for (const node of quorum.liveNodes.filter((one) => one !== leader && one !== observer)) quorum.kill(node.id);
    quorum.append('a');
    quorum.clock.runFor(500);
    expect(leader.listener.values.size).toBe(0);
  });

  it('answers once it is written when the request wants no more', () => {
    const { quorum, leader, observer } = withObserver();
    for (const node of quorum.liveNodes) if (node !== leader && node !== observer) quorum.kill(node.id);
    const answer = add(quorum, leader, observer, { ackWhenCommitted: false });
    expect(quorum.clock.runUntil(() => answer.error !== undefined, 1000)).toBe(true);
    expect(answer.error).toBe('NONE');
    expect(voterIds(leader)).toEqual([1, 2, 3, 4]);
    expect(leader.raft?.highWatermark).toBe(3);
  });

  it('is refused while another change is under way', () => {
    const { quorum, leader, observer } = withObserver();
    add(quorum, leader, observer);
    expect(add(quorum, leader, observer)).toEqual({
      error: 'REQUEST_TIMED_OUT',
      message: 'Request timed out waiting for leader to handle previous voter change request',
    });
  });

  it('is refused when the node is a voter, unknown, of another cluster, or has no listener of ours', () => {
    const { quorum, leader, observer } = withObserver();
    expect(add(quorum, leader, quorum.node(2)).error).toBe('DUPLICATE_VOTER');
    expect(add(quorum, leader, observer, { clusterId: 'other' })).toEqual({
      error: 'INCONSISTENT_CLUSTER_ID',
      message: `The given id "other" doesn't match the cluster id "${CLUSTER_ID}"`,
    });
    expect(add(quorum, leader, observer, { voterId: -1 }).error).toBe('INVALID_REQUEST');
    expect(add(quorum, leader, observer, { voterDirectoryId: 'AAAAAAAAAAAAAAAAAAAAAA' }).error).toBe('INVALID_REQUEST');
    const listeners = [{ name: 'OTHER', host: 'localhost', port: 1 }];
    expect(add(quorum, leader, observer, { listeners }).message).toContain(`default listener ${LISTENER}`);
    const follower = quorum.liveNodes.find((node) => node !== leader && node.id < 4);
    if (follower !== undefined) expect(add(quorum, follower, observer).error).toBe('NOT_LEADER_OR_FOLLOWER');
  });

  it('is refused when the node has not caught up', () => {
    const { quorum, leader } = startedQuorum();
    const stranger = quorum.addNode(4, true);
    quorum.start(4);
    quorum.network.cut(4, leader.id);
    const answer = add(quorum, leader, stranger);
    quorum.network.heal();
    expect(quorum.clock.runUntil(() => answer.error !== undefined, 3000)).toBe(true);
    expect(answer.error).toBe('REQUEST_TIMED_OUT');
    expect(voterIds(leader)).toEqual([1, 2, 3]);
  });

  it('is refused when the node cannot be reached', () => {
    const { quorum, leader, observer } = withObserver();
    quorum.kill(4);
    const answer = add(quorum, leader, observer);
    expect(quorum.clock.runUntil(() => answer.error !== undefined, 3000)).toBe(true);
    expect(answer.error).toBe('REQUEST_TIMED_OUT');
    expect(voterIds(leader)).toEqual([1, 2, 3]);
  });

  it('is refused in a static quorum', () => {
    const { quorum, leader, observer } = withObserver({ kraftVersion: 0 });
    expect(add(quorum, leader, observer)).toEqual({
      error: 'UNSUPPORTED_VERSION',
      message: "Cluster doesn't support adding voter because the kraft.version feature is 0",
    });
  });

  it('is undone when the leader loses its place before it is committed', () => {
    const { quorum, leader, observer } = withObserver();
    const answer = add(quorum, leader, observer);
    quorum.clock.runUntil(() => voterIds(leader).length === 4, 1000);
    quorum.network.isolate(leader.id, quorum.nodes.keys());
    quorum.clock.runFor(10_000);
    expect(answer.error).toBe('REQUEST_TIMED_OUT');
    quorum.network.heal();
    quorum.clock.runFor(10_000);
    const all = quorum.liveNodes.map(voterIds);
    for (const ids of all) expect(ids).toEqual(all[0]);
  });

  it('happens of itself with auto-join, and replaces a voter that lost its disk', () => {
    const { quorum, leader } = startedQuorum({ config: { autoJoin: true } });
    quorum.addNode(4, true);
    quorum.start(4);
    expect(quorum.clock.runUntil(() => voterIds(leader).length === 4, 20_000)).toBe(true);
    quorum.clock.runFor(1000);
    const { id } = quorum.liveNodes.find((node) => node !== leader && node.id < 4) ?? leader;
    quorum.kill(id);
    quorum.replaceDisk(id);
    quorum.start(id);
    const isVoterAgain = (): boolean => quorum.node(id).raft?.status.isVoter === true;
    expect(quorum.clock.runUntil(isVoterAgain, 30_000)).toBe(true);
    expect(voterIds(leader)).toEqual([1, 2, 3, 4]);
  });
});

describe('removing a voter', () => {
  it('leaves it as an observer, and the rest with a majority of their own', () => {
    const { quorum, leader } = startedQuorum();
    const [one, two] = quorum.liveNodes.filter((node) => node !== leader);
    if (one === undefined || two === undefined) throw new Error('two followers');
    const answer = remove(leader, one);
    expect(quorum.clock.runUntil(() => answer.error !== undefined, 1000)).toBe(true);
    expect(answer.error).toBe('NONE');
    quorum.append('a');
    quorum.clock.runFor(100);
    expect(one.raft?.status.isVoter).toBe(false);
    expect([...one.listener.values.values()]).toEqual(['a']);
    quorum.kill(one.id);
    quorum.append('b');
    quorum.clock.runFor(100);
    expect([...leader.listener.values.values()]).toEqual(['a', 'b']);
    quorum.kill(two.id);
    quorum.append('c');
    quorum.clock.runFor(500);
    expect(leader.listener.values.size).toBe(2);
  });

  it('that leads: it leads until the others have it, then one of them does', () => {
    const { quorum, leader } = startedQuorum();
    const answer = remove(leader, leader);
    expect(quorum.clock.runUntil(() => answer.error !== undefined, 1000)).toBe(true);
    expect(answer.error).toBe('NONE');
    const isHandedOver = (): boolean => quorum.leader !== undefined && quorum.leader.id !== leader.id;
    expect(quorum.clock.runUntil(isHandedOver, 5000)).toBe(true);
    quorum.awaitLeader();
    quorum.append('a');
    quorum.clock.runFor(3000);
    expect(leader.raft?.status).toMatchObject({ state: 'Follower', isVoter: false });
    expect([...leader.listener.values.values()]).toEqual(['a']);
  });

  // Found by the whole-cluster simulation (seed 294): it stayed Resigned for ever.
  it('that leads, and starts anew as soon as it was taken away: it finds who leads now', () => {
    const { quorum, leader } = startedQuorum();
    const answer = remove(leader, leader);
    expect(quorum.clock.runUntil(() => answer.error !== undefined, 1000)).toBe(true);
    quorum.kill(leader.id);
    quorum.start(leader.id);
    quorum.awaitLeader();
    quorum.append('a');
    const isShown = (): boolean => [...leader.listener.values.values()].includes('a');
    expect(quorum.clock.runUntil(isShown, 5000)).toBe(true);
    expect(leader.raft?.status).toMatchObject({ state: 'Follower', isVoter: false });
  });

  it('is refused for the last one, and for who is none', () => {
    const { quorum, leader } = startedQuorum();
    expect(remove(leader, quorum.node(2), CLUSTER_ID).error).toBe('VOTER_NOT_FOUND');
    expect(remove(leader, quorum.addNode(9, true)).error).toBe('VOTER_NOT_FOUND');
    expect(remove(leader, quorum.node(2), undefined, 'other').error).toBe('INCONSISTENT_CLUSTER_ID');
    const alone = new Quorum({ seed: 1, voters: 1 });
    alone.startAll();
    const only = alone.awaitLeader();
    expect(remove(only, only).error).toBe('VOTER_NOT_FOUND');
  });

  // Nodes 1 to 3 are all that the bootstrap servers name; none of them is a voter in the end.
  it('one after another, until a later one leads: those that were voters, and brokers, find it by the log', () => {
    const { quorum, leader } = startedQuorum();
    quorum.addNode(4, true);
    quorum.addNode(5, false);
    quorum.start(4);
    quorum.start(5);
    quorum.clock.runFor(1500);
    const settled = (answer: Answer): void => {
      expect(quorum.clock.runUntil(() => answer.error !== undefined, 5000)).toBe(true);
      expect(answer.error).toBe('NONE');
    };
    settled(add(quorum, quorum.awaitLeader(), quorum.node(4)));
    for (const id of [1, 2, 3]) if (id !== leader.id) settled(remove(leader, quorum.node(id)));
    settled(remove(leader, leader));
    quorum.clock.runFor(3000);
    expect(quorum.awaitLeader().id).toBe(4);
    quorum.append('a');
    const values = () => quorum.liveNodes.map((node) => [...node.listener.values.values()]);
    quorum.clock.runUntil(() => values().every((found) => found.includes('a')), 10_000);
    expect(values()).toEqual(Array(5).fill(['a']));
  });

  it('down to one voter, which goes on alone', () => {
    const { quorum, leader } = startedQuorum();
    for (const node of quorum.liveNodes.filter((one) => one !== leader)) {
      const answer = remove(leader, node);
      expect(quorum.clock.runUntil(() => answer.error !== undefined, 1000)).toBe(true);
      expect(answer.error).toBe('NONE');
      quorum.kill(node.id);
    }
    quorum.append('a');
    quorum.clock.runFor(10_000);
    expect(leader.raft?.isLeader).toBe(true);
    expect(leader.listener.values.size).toBe(1);
  });
});

describe('a voter that moved', () => {
  it('tells the leader, which writes its new endpoint', () => {
    const { quorum, leader } = startedQuorum();
    const node = quorum.liveNodes.find((one) => one !== leader);
    if (node === undefined) throw new Error('a follower');
    quorum.kill(node.id);
    node.port = 9900;
    quorum.start(node.id);
    const endpoint = () => raftOf(leader).status.voters.find((voter) => voter.id === node.id)?.endpoints[0]?.port;
    expect(quorum.clock.runUntil(() => endpoint() === 9900, 10_000)).toBe(true);
  });

  it('and leads writes it itself', () => {
    const { quorum, leader } = startedQuorum();
    for (const id of [1, 2, 3]) quorum.kill(id);
    leader.port = 9900;
    quorum.start(leader.id);
    quorum.clock.runFor(10);
    for (const id of [1, 2, 3]) if (id !== leader.id) quorum.start(id);
    quorum.awaitLeader();
    const ports = () =>
      quorum.liveNodes.map(
        (node) => raftOf(node).status.voters.find((voter) => voter.id === leader.id)?.endpoints[0]?.port,
      );
    expect(quorum.clock.runUntil(() => ports().every((port) => port === 9900), 20_000)).toBe(true);
  });

  it('is no voter any more with another disk: neither asked for a vote nor counted', () => {
    const { quorum, leader } = startedQuorum();
    const node = quorum.liveNodes.find((one) => one !== leader);
    if (node === undefined) throw new Error('a follower');
    quorum.kill(node.id);
    quorum.replaceDisk(node.id);
    quorum.start(node.id);
    quorum.clock.runFor(3000);
    expect(node.raft?.status).toMatchObject({ isVoter: false, state: 'Follower' });
    const other = quorum.liveNodes.find((one) => one !== leader && one !== node);
    if (other !== undefined) quorum.kill(other.id);
    quorum.append('a');
    quorum.clock.runFor(1000);
    expect(leader.listener.values.size).toBe(0);
  });
});

// Goal: a static quorum becomes a dynamic one without stopping, once all voters have said that they can.
describe('raising kraft.version to 1', () => {
  it('is refused until every voter has told the leader of itself, then the voters stand in the log', () => {
    const { quorum, leader } = startedQuorum({ kraftVersion: 0 });
    const raft = raftOf(leader);
    const { epoch } = raft.leaderAndEpoch;
    expect(() => raft.upgradeKRaftVersion(epoch, 1, false)).toThrow(/not all of the voters support it/);
    expect(() => raft.upgradeKRaftVersion(epoch + 1, 1, false)).toThrow(/does not lead/);
    quorum.clock.runFor(5000);
    expect(raft.upgradeKRaftVersion(epoch, 1, true)).toBe(true);
    expect(raft.status.kraftVersion).toBe(0);
    expect(raft.upgradeKRaftVersion(epoch, 1, false)).toBe(true);
    expect(raft.upgradeKRaftVersion(epoch, 1, false)).toBe(false);
    expect(() => raft.upgradeKRaftVersion(epoch, 0, false)).toThrow(/downgrade/);
    quorum.clock.runFor(100);
    const expected = [1, 2, 3].map((id) => ({ id, directoryId: quorum.node(id).directoryId }));
    for (const node of quorum.liveNodes) {
      expect(raftOf(node).status.kraftVersion).toBe(1);
      expect(raftOf(node).status.voters.map(({ id, directoryId }) => ({ id, directoryId }))).toEqual(expected);
    }
    for (const id of [1, 2, 3]) quorum.crash(id);
    quorum.startAll();
    const next = quorum.awaitLeader();
    quorum.addNode(4, true);
    quorum.start(4);
    quorum.clock.runFor(1500);
    const answer = add(quorum, next, quorum.node(4));
    expect(quorum.clock.runUntil(() => answer.error !== undefined, 1000)).toBe(true);
    expect(answer.error).toBe('NONE');
  });
});
