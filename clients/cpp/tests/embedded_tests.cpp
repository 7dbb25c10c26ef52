// The engine in this process through embedded.hpp alone, which knows no gRPC. tests/run names the library.
#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <vector>

#include "physintuition/embedded.hpp"

using namespace physintuition;

namespace {

v1::CreateReply make(embedded::Session& session, const std::string& task, std::uint32_t slots) {
  v1::CreateRequest request;
  request.set_task(task);
  request.set_slots(slots);
  request.mutable_observe()->add_names("scene_hash");
  return session.call<v1::CreateReply>(request);
}

std::string scenes(embedded::Session& session, std::uint32_t environment, std::uint64_t seed) {
  v1::ResetRequest request;
  request.set_environment(environment);
  request.set_seed(seed);
  return session.call<v1::ResetReply>(request).observations(0).tensor().data();
}

// First of all: the settings of the first session are the engine's.
TEST(Embedded, SettingsThatMeanNothingAreRefused) {
  try {
    embedded::Session session(R"({"thraeds": 2})");
    FAIL() << "'thraeds' was accepted";
  } catch (const std::runtime_error& error) {
    EXPECT_NE(std::string(error.what()).find("'thraeds' is no setting; there are threads"), std::string::npos);
  }
}

TEST(Embedded, SessionsAndThreadsHaveTheSameScenes) {
  embedded::Session first, second;
  const auto one = make(first, "Stability-v1", 4).environment().environment();
  const auto expected = scenes(first, one, 3);
  EXPECT_EQ(expected.size(), 4 * sizeof(std::uint64_t));
  EXPECT_NE(expected, scenes(first, one, 4));
  std::vector<std::string> found(4);
  std::vector<std::thread> threads;
  for (auto& place : found) {
    threads.emplace_back(
        [&] { place = scenes(second, make(second, "Stability-v1", 4).environment().environment(), 3); });
  }
  for (auto& thread : threads) {
    thread.join();
  }
  EXPECT_EQ(found, std::vector<std::string>(4, expected));
}

TEST(Embedded, RefusalsNameFieldAndReason) {
  embedded::Session session;
  v1::CreateRequest request;
  request.set_task("Stability-v1");
  request.mutable_observe()->add_names("smell");
  try {
    session.call<v1::CreateReply>(request);
    FAIL() << "'smell' was accepted";
  } catch (const embedded::Refusal& refusal) {
    EXPECT_EQ(refusal.detail().code(), 3u);
    EXPECT_EQ(refusal.detail().field(), "observe.names");
    EXPECT_NE(std::string(refusal.what()).find("smell"), std::string::npos);
  }
}

TEST(Embedded, TimeoutStopsTheWaitNotTheWork) {
  embedded::Session session;
  const auto environment = make(session, "Stability-v1", 64).environment().environment();
  v1::ResetRequest reset;
  reset.set_environment(environment);
  reset.set_seed(1);
  try {
    session.call<v1::ResetReply>(reset, std::chrono::milliseconds(0));
  } catch (const embedded::Refusal& refusal) {
    EXPECT_EQ(refusal.detail().code(), 4u);   // where nothing else runs, it may have been fast enough
  }
  v1::StepRequest step;
  step.set_environment(environment);
  for (int slot = 0; slot < 64; slot++) {
    step.mutable_texts()->add_answers("<answer>yes</answer>");
  }
  EXPECT_EQ(session.call<v1::StepReply>(step).rewards().size(), 64 * sizeof(float));
}

TEST(Embedded, StreamEndsWhereTheFunctionSaysSo) {
  embedded::Session session;
  v1::StreamDatasetRequest request;
  request.set_task("Stability-v1");
  request.set_count(600);
  request.mutable_observe()->add_names("prompt");
  int all = 0, some = 0;
  session.stream<v1::DatasetChunk>(
      request, [&](const v1::DatasetChunk& chunk) { return (all += chunk.seeds_size()) > 0; });
  session.stream<v1::DatasetChunk>(request, [&](const v1::DatasetChunk& chunk) {
    some += chunk.seeds_size();
    return false;
  });
  EXPECT_EQ(all, 600);
  EXPECT_GT(some, 0);
  EXPECT_LT(some, 600);
}

}  // namespace
