#include <grpcpp/grpcpp.h>

#include <chrono>
#include <iostream>
#include <thread>

#include "interop.grpc.pb.h"
#include "interop.hpp"

using physintuition::interop::v1::Ask;
using physintuition::interop::v1::Interop;
using physintuition::interop::v1::Reply;

namespace {

void begin(grpc::ServerContext* context) {
  for (const auto& [key, value] : context->client_metadata()) {
    const std::string name(key.data(), key.size()), text(value.data(), value.size());
    if (name.rfind("x-", 0) != 0) continue;
    context->AddInitialMetadata(name, text);
    context->AddTrailingMetadata(name, text);
  }
}

// Waits the delay in small steps, so that a cancelled call lets its thread go.
void wait(const Ask& ask, grpc::ServerContext* context) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(ask.delay());
  while (ask.delay() > 0 && std::chrono::steady_clock::now() < end && !context->IsCancelled()) {
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
}

grpc::Status status_of(const Ask& ask, grpc::ServerContext* context) {
  if (ask.status() == 0) return grpc::Status::OK;
  context->AddTrailingMetadata("x-thrown", "yes");
  return grpc::Status(static_cast<grpc::StatusCode>(ask.status()), ask.detail());
}

Reply answer(const Ask& ask, int64_t number, int count) {
  Reply reply;
  reply.set_body(ask.size() > 0 ? std::string(ask.size(), '\0') : ask.body());
  reply.set_text(ask.text());
  reply.set_number(number);
  reply.set_count(count);
  return reply;
}

class Service final : public Interop::Service {
  grpc::Status Echo(grpc::ServerContext* context, const Ask* ask, Reply* reply) override {
    begin(context);
    wait(*ask, context);
    *reply = answer(*ask, 0, 1);
    return status_of(*ask, context);
  }

  grpc::Status Repeat(grpc::ServerContext* context, const Ask* ask, grpc::ServerWriter<Reply>* writer) override {
    begin(context);
    for (int index = 0; index < ask->count(); index++) {
      wait(*ask, context);
      if (!writer->Write(answer(*ask, index, 1))) break;
    }
    return status_of(*ask, context);
  }

  grpc::Status Sum(grpc::ServerContext* context, grpc::ServerReader<Ask>* reader, Reply* reply) override {
    begin(context);
    Ask ask;
    while (reader->Read(&ask)) {
      if (ask.status() != 0) return status_of(ask, context);
      reply->set_count(reply->count() + 1);
      reply->set_number(reply->number() + ask.number());
    }
    return grpc::Status::OK;
  }

  grpc::Status Chat(grpc::ServerContext* context, grpc::ServerReaderWriter<Reply, Ask>* stream) override {
    begin(context);
    Ask ask;
    for (int count = 1; stream->Read(&ask); count++) {
      wait(ask, context);
      if (ask.status() != 0) return status_of(ask, context);
      if (!stream->Write(answer(ask, ask.number(), count))) break;
    }
    return grpc::Status::OK;
  }
};

}  // namespace

int run_server() {
  Service service;
  int port = 0;
  grpc::ServerBuilder builder;
  builder.SetMaxReceiveMessageSize(-1);
  builder.SetMaxSendMessageSize(-1);
  builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
  builder.RegisterService(&service);
  auto server = builder.BuildAndStart();
  std::cout << "port " << port << std::endl;
  while (std::cin.get() != EOF) {
  }
  server->Shutdown(std::chrono::system_clock::now());
  return 0;
}
