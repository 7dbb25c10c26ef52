'use strict';

// grpc-js as the client: `client.js TARGET PROTO` prints one line per check, `ok NAME` or `failed NAME WHY`.
const assert = require('node:assert/strict');
const grpc = require('@grpc/grpc-js');
const { load, unlimited } = require('./service');

const [target, protoPath] = process.argv.slice(2);
const Interop = load(protoPath);
const client = new Interop(target, grpc.credentials.createInsecure(), unlimited);
const within = (milliseconds = 60_000) => ({ deadline: Date.now() + milliseconds });

const call = (method, request, metadata = new grpc.Metadata(), options = within()) => new Promise((resolve) => {
  const result = {};
  const started = client[method](request, metadata, options, (fault, reply) => Object.assign(result, { fault, reply }));
  started.on('metadata', (headers) => { result.headers = headers; });
  started.on('status', (status) => setImmediate(() => resolve(Object.assign(result, { status }))));
});

const drain = (stream) => new Promise((resolve) => {
  const result = { replies: [] };
  stream.on('data', (reply) => result.replies.push(reply));
  stream.on('error', () => {});
  stream.on('status', (status) => setImmediate(() => resolve(Object.assign(result, { status }))));
});

const next = (stream) => new Promise((resolve, reject) => {
  stream.once('data', resolve);
  stream.once('error', reject);
});

const checks = {
  async unary() {
    const { reply } = await call('echo', { text: 'hello', body: Buffer.from([0, 255]) });
    assert.equal(reply.text, 'hello');
    assert.deepEqual(reply.body, Buffer.from([0, 255]));
  },
  async empty() {
    const { reply } = await call('echo', {});
    assert.deepEqual({ ...reply, body: reply.body.length }, { body: 0, text: '', number: 0, count: 1 });
  },
  async large() {
    const body = Buffer.alloc(32 << 20, 'physics');
    const { reply } = await call('echo', { body });
    assert.ok(reply.body.equals(body));
  },
  async server_streaming() {
    const { replies, status } = await drain(client.repeat({ count: 5 }, within()));
    assert.deepEqual(replies.map((reply) => reply.number), [0, 1, 2, 3, 4]);
    assert.equal(status.code, grpc.status.OK);
  },
  async client_streaming() {
    const reply = await new Promise((resolve, reject) => {
      const stream = client.sum(within(), (fault, value) => (fault ? reject(fault) : resolve(value)));
      for (let number = 1; number <= 100; number++) stream.write({ number });
      stream.end();
    });
    assert.deepEqual([reply.count, reply.number], [100, 5050]);
  },
  async duplex_streaming() {
    const stream = client.chat(within());
    for (let number = 0; number < 20; number++) {
      stream.write({ number });
      assert.equal((await next(stream)).number, number);
    }
    const ended = drain(stream);
    stream.end();
    assert.equal((await ended).status.code, grpc.status.OK);
  },
  async statuses() {
    for (let status = 1; status <= 16; status++) {
      const detail = `100 % größer\n火 ${status}`;
      const unary = await call('echo', { status, detail });
      const streamed = await drain(client.repeat({ status, detail, count: 1 }, within()));
      for (const { status: ended } of [unary, streamed]) {
        assert.equal(ended.code, status);
        assert.equal(ended.details, detail);
        assert.deepEqual(ended.metadata.get('x-thrown'), ['yes']);
      }
    }
  },
  async metadata() {
    const sent = new grpc.Metadata();
    sent.set('x-text', 'a, b');
    sent.set('x-bytes-bin', Buffer.from([...Array(256).keys()]));
    const { headers, status } = await call('echo', {}, sent);
    for (const received of [headers, status.metadata]) {
      assert.deepEqual(received.get('x-text'), ['a, b']);
      assert.deepEqual(received.get('x-bytes-bin'), sent.get('x-bytes-bin'));
    }
  },
  async deadline() {
    const { status } = await call('echo', { delay: 600_000, text: 'node-deadline' }, new grpc.Metadata(), within(3000));
    assert.equal(status.code, grpc.status.DEADLINE_EXCEEDED);
  },
  async cancel() {
    const stream = client.chat(within());
    stream.write({});
    await next(stream);
    stream.write({ delay: 600_000, text: 'node-cancel' });
    await call('echo', { text: 'after node-cancel' }, new grpc.Metadata(), within());
    const ended = drain(stream);
    stream.cancel();
    assert.equal((await ended).status.code, grpc.status.CANCELLED);
  },
  async thousand_streams() {
    const streams = Array.from({ length: 1000 }, () => client.chat(within()));
    for (let turn = 0; turn < 2; turn++) {
      const replies = Promise.all(streams.map(next));
      streams.forEach((stream, number) => stream.write({ number: number + turn }));
      (await replies).forEach((reply, number) => assert.equal(reply.number, number + turn));
    }
    const ended = Promise.all(streams.map(drain));
    streams.forEach((stream) => stream.end());
    (await ended).forEach(({ status }) => assert.equal(status.code, grpc.status.OK));
  },
  async gzip() {
    const options = { ...unlimited, 'grpc.default_compression_algorithm': grpc.compressionAlgorithms.gzip };
    const compressing = new Interop(target, grpc.credentials.createInsecure(), options);
    const body = Buffer.alloc(1_000_000, 'a');
    const reply = await new Promise((resolve, reject) => {
      compressing.echo({ body }, within(), (fault, value) => (fault ? reject(fault) : resolve(value)));
    });
    compressing.close();
    assert.ok(reply.body.equals(body));
  },
  async unknown_method() {
    for (const path of ['/physintuition.interop.v1.Interop/Missing', '/no.such.Service/Missing']) {
      const code = await new Promise((resolve) => {
        client.makeUnaryRequest(path, (value) => value, (value) => value, Buffer.alloc(0), within(),
          (fault) => resolve(fault?.code));
      });
      assert.equal(code, grpc.status.UNIMPLEMENTED);
    }
  },
};

(async () => {
  for (const [name, check] of Object.entries(checks)) {
    try {
      await check();
      console.log('ok', name);
    } catch (fault) {
      console.log('failed', name, String(fault.stack ?? fault).replaceAll('\n', ' ').slice(0, 1000));
    }
  }
  client.close();
})();
