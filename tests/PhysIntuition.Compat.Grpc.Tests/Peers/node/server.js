'use strict';

// grpc-js as the server: `server.js PROTO` prints `port N` and serves until its input ends.
const grpc = require('@grpc/grpc-js');
const { load, unlimited } = require('./service');

const wait = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

function mirrored(call) {
  const metadata = new grpc.Metadata();
  for (const key of Object.keys(call.metadata.getMap()).filter((name) => name.startsWith('x-'))) {
    call.metadata.get(key).forEach((value) => metadata.add(key, value));
  }
  return metadata;
}

function fault(ask) {
  const metadata = new grpc.Metadata();
  metadata.set('x-thrown', 'yes');
  return { code: ask.status, details: ask.detail, metadata };
}

const answer = (ask, number, count) =>
  ({ body: ask.size > 0 ? Buffer.alloc(ask.size) : ask.body, text: ask.text, number, count });

const service = {
  async echo(call, reply) {
    const metadata = mirrored(call);
    call.sendMetadata(metadata.clone());
    if (call.request.delay > 0) await wait(call.request.delay);
    if (call.request.status !== 0) reply(fault(call.request));
    else reply(null, answer(call.request, 0, 1), metadata);
  },
  async repeat(call) {
    call.sendMetadata(mirrored(call));
    for (let index = 0; index < call.request.count; index++) {
      if (call.request.delay > 0) await wait(call.request.delay);
      call.write(answer(call.request, index, 1));
    }
    if (call.request.status !== 0) call.emit('error', fault(call.request));
    else call.end(mirrored(call));
  },
  sum(call, reply) {
    let count = 0;
    let number = 0;
    let failed = false;
    call.on('data', (ask) => {
      count += 1;
      number += ask.number;
      if (ask.status !== 0 && !failed) {
        failed = true;
        reply(fault(ask));
      }
    });
    call.on('end', () => { if (!failed) reply(null, { count, number }); });
  },
  chat(call) {
    let count = 0;
    let turn = Promise.resolve();
    call.on('data', (ask) => {
      turn = turn.then(async () => {
        if (ask.delay > 0) await wait(ask.delay);
        count += 1;
        if (ask.status !== 0) call.emit('error', fault(ask));
        else call.write(answer(ask, ask.number, count));
      });
    });
    call.on('end', () => turn.then(() => call.end()));
  },
};

const server = new grpc.Server(unlimited);
server.addService(load(process.argv[2]).service, service);
server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (failure, port) => {
  if (failure) throw failure;
  console.log('port', port);
});
process.stdin.on('end', () => process.exit(0)).resume();
