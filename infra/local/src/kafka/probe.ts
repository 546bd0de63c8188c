import { connect } from 'node:net';

const DEADLINE_MS = 1_000;
const METADATA = 3;
const VERSION = 1;

/**
 * True when the broker answers a Metadata request with at least one broker: it then takes topics
 * and appends. An open port alone says less: Kafka listens seconds before it serves.
 */
export function kafkaServes(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: DEADLINE_MS });
    const end = (answer: boolean): void => {
      clearTimeout(deadline);
      socket.destroy();
      resolve(answer);
    };
    const deadline = setTimeout(() => end(false), DEADLINE_MS);
    let got = Buffer.alloc(0);
    socket.once('connect', () => socket.write(metadataRequest()));
    socket.once('error', () => end(false));
    socket.once('close', () => end(false));
    socket.on('data', (chunk) => {
      got = Buffer.concat([got, chunk]);
      // length (4), correlation id (4), number of brokers (4)
      if (got.length >= 12) end(got.readInt32BE(8) > 0);
    });
  });
}

/** Header: api key, version, correlation id, null client id; body: an empty list of topics. */
function metadataRequest(): Buffer {
  const request = Buffer.alloc(18);
  request.writeInt32BE(14, 0);
  request.writeInt16BE(METADATA, 4);
  request.writeInt16BE(VERSION, 6);
  request.writeInt32BE(1, 8);
  request.writeInt16BE(-1, 12);
  request.writeInt32BE(0, 14);
  return request;
}
