const HOST = 'localhost';
const PORT = 9092;
const PATIENCE_MS = 1000;

/** Where a broker is expected when nobody says where it is. */
export const LOCAL_BROKER = `${HOST}:${PORT}`;

/** Whether something listens at {@link LOCAL_BROKER}. */
export async function hasLocalBroker(): Promise<boolean> {
  // Here, because every tool loads this file and few come so far.
  const { connect } = await import('node:net');
  return new Promise((resolve) => {
    const socket = connect({ host: HOST, port: PORT, timeout: PATIENCE_MS });
    const end = (isThere: boolean) => {
      socket.destroy();
      resolve(isThere);
    };
    socket.once('connect', () => end(true));
    socket.once('timeout', () => end(false));
    socket.once('error', () => end(false));
  });
}
