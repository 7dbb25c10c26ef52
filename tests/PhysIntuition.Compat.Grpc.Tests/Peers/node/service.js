'use strict';

const grpc = require('@grpc/grpc-js');
const loader = require('@grpc/proto-loader');

/** The interop service of a .proto file; 64-bit numbers as numbers, absent fields as their defaults. */
exports.load = (protoPath) =>
  grpc.loadPackageDefinition(loader.loadSync(protoPath, { longs: Number, defaults: true }))
    .physintuition.interop.v1.Interop;

exports.unlimited = { 'grpc.max_receive_message_length': -1, 'grpc.max_send_message_length': -1 };
