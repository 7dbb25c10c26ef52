#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>

#include <chrono>
#include <functional>
#include <iostream>
#include <memory>
#include <stdexcept>
#include <thread>
#include <vector>

#include "interop.grpc.pb.h"
#include "interop.hpp"

using physintuition::interop::v1::Ask;
using physintuition::interop::v1::Interop;
using physintuition::interop::v1::Reply;

namespace {

constexpr auto kPatience = std::chrono::seconds(60);
constexpr int kLong = 600'000;

// Throws with the place when a fact does not hold.
#define REQUIRE(fact) \
  if (!(fact)) throw std::runtime_error(std::string("line ") + std::to_string(__LINE__) + ": " #fact)

struct Call {
  grpc::ClientContext context;
  explicit Call(std::chrono::milliseconds patience = kPatience) {
    context.set_deadline(std::chrono::system_clock::now() + patience);
  }
};

std::string detail_of(int code) { return "100 % größer\n火 " + std::to_string(code); }

void unary(Interop::Stub& stub) {
  Call call;
  Ask ask;
  Reply reply;
  ask.set_text("hello");
  ask.set_body(std::string("\0\xff", 2));
  REQUIRE(stub.Echo(&call.context, ask, &reply).ok());
  REQUIRE(reply.text() == "hello" && reply.body() == ask.body());
}

void empty(Interop::Stub& stub) {
  Call call;
  Reply reply;
  REQUIRE(stub.Echo(&call.context, Ask(), &reply).ok());
  REQUIRE(reply.text().empty() && reply.body().empty() && reply.count() == 1);
}

void large(Interop::Stub& stub) {
  Call call;
  Ask ask;
  Reply reply;
  ask.set_body(std::string(32 << 20, 'x'));
  REQUIRE(stub.Echo(&call.context, ask, &reply).ok());
  REQUIRE(reply.body() == ask.body());
}

void server_streaming(Interop::Stub& stub) {
  Call call;
  Ask ask;
  Reply reply;
  ask.set_count(5);
  auto reader = stub.Repeat(&call.context, ask);
  for (int index = 0; index < 5; index++) REQUIRE(reader->Read(&reply) && reply.number() == index);
  REQUIRE(!reader->Read(&reply));
  REQUIRE(reader->Finish().ok());
}

void client_streaming(Interop::Stub& stub) {
  Call call;
  Reply reply;
  auto writer = stub.Sum(&call.context, &reply);
  for (int number = 1; number <= 100; number++) {
    Ask ask;
    ask.set_number(number);
    REQUIRE(writer->Write(ask));
  }
  writer->WritesDone();
  REQUIRE(writer->Finish().ok());
  REQUIRE(reply.count() == 100 && reply.number() == 5050);
}

void duplex_streaming(Interop::Stub& stub) {
  Call call;
  auto stream = stub.Chat(&call.context);
  Reply reply;
  for (int number = 0; number < 20; number++) {
    Ask ask;
    ask.set_number(number);
    REQUIRE(stream->Write(ask) && stream->Read(&reply) && reply.number() == number);
  }
  stream->WritesDone();
  REQUIRE(!stream->Read(&reply));
  REQUIRE(stream->Finish().ok());
}

void require_failure(const grpc::Status& status, const grpc::ClientContext& context, int code) {
  REQUIRE(status.error_code() == code);
  REQUIRE(status.error_message() == detail_of(code));
  const auto& trailers = context.GetServerTrailingMetadata();
  const auto thrown = trailers.find("x-thrown");
  REQUIRE(thrown != trailers.end() && thrown->second == "yes");
}

void statuses(Interop::Stub& stub) {
  for (int code = 1; code <= 16; code++) {
    Ask ask;
    Reply reply;
    ask.set_status(code);
    ask.set_detail(detail_of(code));
    ask.set_count(1);
    Call unary, streamed;
    require_failure(stub.Echo(&unary.context, ask, &reply), unary.context, code);
    auto reader = stub.Repeat(&streamed.context, ask);
    REQUIRE(reader->Read(&reply) && !reader->Read(&reply));
    require_failure(reader->Finish(), streamed.context, code);
  }
}

void metadata(Interop::Stub& stub) {
  Call call;
  Reply reply;
  std::string bytes;
  for (int value = 0; value < 256; value++) bytes.push_back(static_cast<char>(value));
  call.context.AddMetadata("x-text", "a, b");
  call.context.AddMetadata("x-bytes-bin", bytes);
  REQUIRE(stub.Echo(&call.context, Ask(), &reply).ok());
  for (const auto* received : {&call.context.GetServerInitialMetadata(), &call.context.GetServerTrailingMetadata()}) {
    REQUIRE(received->find("x-text") != received->end() && received->find("x-text")->second == "a, b");
    const auto found = received->find("x-bytes-bin");
    REQUIRE(found != received->end() && std::string(found->second.data(), found->second.size()) == bytes);
  }
}

void deadline(Interop::Stub& stub) {
  Call call(std::chrono::seconds(3));
  Ask ask;
  Reply reply;
  ask.set_delay(kLong);
  ask.set_text("cpp-deadline");
  REQUIRE(stub.Echo(&call.context, ask, &reply).error_code() == grpc::StatusCode::DEADLINE_EXCEEDED);
}

void cancel(Interop::Stub& stub) {
  Call call;
  Ask ask;
  Reply reply;
  auto stream = stub.Chat(&call.context);
  REQUIRE(stream->Write(ask) && stream->Read(&reply));
  ask.set_delay(kLong);
  ask.set_text("cpp-cancel");
  REQUIRE(stream->Write(ask));
  Call other;
  Ask after;
  after.set_text("after cpp-cancel");
  REQUIRE(stub.Echo(&other.context, after, &reply).ok());
  call.context.TryCancel();
  REQUIRE(stream->Finish().error_code() == grpc::StatusCode::CANCELLED);
}

void thousand_streams(Interop::Stub& stub) {
  constexpr int count = 1000;
  std::vector<std::unique_ptr<Call>> calls;
  std::vector<std::unique_ptr<grpc::ClientReaderWriter<Ask, Reply>>> streams;
  for (int i = 0; i < count; i++) {
    calls.push_back(std::make_unique<Call>());
    streams.push_back(stub.Chat(&calls.back()->context));
  }
  for (int turn = 0; turn < 2; turn++) {
    for (int i = 0; i < count; i++) {
      Ask ask;
      ask.set_number(i + turn);
      REQUIRE(streams[i]->Write(ask));
    }
    for (int i = 0; i < count; i++) {
      Reply reply;
      REQUIRE(streams[i]->Read(&reply) && reply.number() == i + turn);
    }
  }
  for (auto& stream : streams) stream->WritesDone();
  for (auto& stream : streams) REQUIRE(stream->Finish().ok());
}

void gzip(Interop::Stub& stub) {
  Call call;
  Ask ask;
  Reply reply;
  call.context.set_compression_algorithm(GRPC_COMPRESS_GZIP);
  ask.set_body(std::string(1'000'000, 'a'));
  REQUIRE(stub.Echo(&call.context, ask, &reply).ok());
  REQUIRE(reply.body() == ask.body());
}

int code_of_missing(const std::shared_ptr<grpc::Channel>& channel, const std::string& path) {
  grpc::GenericStub stub(channel);
  grpc::CompletionQueue queue;
  Call call;
  grpc::ByteBuffer reply;
  grpc::Status status;
  auto reader = stub.PrepareUnaryCall(&call.context, path, grpc::ByteBuffer(nullptr, 0), &queue);
  reader->StartCall();
  reader->Finish(&reply, &status, nullptr);
  void* tag;
  bool ok;
  queue.Next(&tag, &ok);
  return status.error_code();
}

void report(const std::string& name, const std::function<void()>& check) {
  try {
    check();
    std::cout << "ok " << name << std::endl;
  } catch (const std::exception& fault) {
    std::cout << "failed " << name << " " << fault.what() << std::endl;
  }
}

}  // namespace

int run_client(const std::string& target) {
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(-1);
  arguments.SetMaxSendMessageSize(-1);
  auto channel = grpc::CreateCustomChannel(target, grpc::InsecureChannelCredentials(), arguments);
  auto stub = Interop::NewStub(channel);
  const std::vector<std::pair<std::string, void (*)(Interop::Stub&)>> checks = {
      {"unary", unary},
      {"empty", empty},
      {"large", large},
      {"server_streaming", server_streaming},
      {"client_streaming", client_streaming},
      {"duplex_streaming", duplex_streaming},
      {"statuses", statuses},
      {"metadata", metadata},
      {"deadline", deadline},
      {"cancel", cancel},
      {"thousand_streams", thousand_streams},
      {"gzip", gzip},
  };
  for (const auto& [name, check] : checks) report(name, [&] { check(*stub); });
  report("unknown_method", [&] {
    REQUIRE(code_of_missing(channel, "/physintuition.interop.v1.Interop/Missing") == grpc::StatusCode::UNIMPLEMENTED);
    REQUIRE(code_of_missing(channel, "/no.such.Service/Missing") == grpc::StatusCode::UNIMPLEMENTED);
  });
  return 0;
}
