import { decodeMetadataResponse, encodeMetadataRequest } from './metadata-codec';

/** An answer as a broker of Kafka 4.1 gives it, put together by hand from the protocol guide. */
function answer(): Buffer {
  const text = (value: string) => Buffer.from([value.length + 1, ...Buffer.from(value)]);
  const int32 = (value: number) => {
    const bytes = Buffer.alloc(4);
    bytes.writeInt32BE(value);
    return bytes;
  };
  const partition = (index: number) =>
    Buffer.concat([
      Buffer.from([0, 0]),
      int32(index),
      int32(1),
      int32(0),
      Buffer.concat([Buffer.from([2]), int32(1)]),
      Buffer.concat([Buffer.from([2]), int32(1)]),
      Buffer.from([1]),
      Buffer.from([0]),
    ]);
  const broker = [int32(1), text('127.0.0.1'), int32(9092), Buffer.from([0]), Buffer.from([0])];
  // One tag (number 7, of 3 bytes) that a later broker may add, where tags may stand.
  const tagged = Buffer.from([1, 7, 3, 9, 9, 9]);
  return Buffer.concat([
    Buffer.from([0]),
    int32(0),
    Buffer.from([2]),
    ...broker,
    text('cluster-1'),
    int32(1),
    Buffer.from([2]),
    Buffer.from([0, 0]),
    text('usage.v1'),
    Buffer.from('00112233445566778899aabbccddeeff', 'hex'),
    Buffer.from([0]),
    Buffer.from([3]),
    partition(0),
    partition(1),
    int32(-2147483648),
    tagged,
    Buffer.from([0]),
  ]);
}

describe('metadata with topic ids', () => {
  it('reads cluster, topic id and partitions, and passes over tags it does not know', () => {
    expect(decodeMetadataResponse(answer())).toEqual({
      clusterId: 'cluster-1',
      topics: [
        { topic: 'usage.v1', errorCode: 0, topicId: 'ABEiM0RVZneImaq7zN3u_w', partitions: 2 },
      ],
    });
  });

  it('refuses an answer that was cut off', () => {
    expect(() => decodeMetadataResponse(answer().subarray(0, 60))).toThrow(RangeError);
  });

  it('asks by name, also for a name longer than one length byte holds', () => {
    const name = 'x'.repeat(200);
    const request = encodeMetadataRequest([name]);
    expect(request.subarray(0, 2)).toEqual(Buffer.from([0, 2]));
    expect(request.subarray(18, 20)).toEqual(Buffer.from([0xc9, 0x01]));
    expect(request.subarray(20, 220).toString()).toBe(name);
    expect(request.subarray(-3)).toEqual(Buffer.from([0, 0, 0]));
  });
});
