// The client against a server of its own: tests/run starts it and tells its address in ADDRESS.
#include <gtest/gtest.h>

#include <cstdlib>

#include "physintuition/physintuition.hpp"

using namespace physintuition;

namespace {

std::string address() { return std::getenv("ADDRESS"); }

TEST(Client, SameSeedSameSceneAndExpertScoresTheMaximum) {
  Client client(address());
  auto towers = client.make({.task = "Stability-v1", .slots = 8, .observe = {"scene_hash", "expert"}});
  const auto first = towers.reset({.seed = 3});
  const auto again = towers.reset({.seed = 3});
  EXPECT_EQ(first["scene_hash"].tensor().data(), again["scene_hash"].tensor().data());
  const auto step = towers.step(again.texts("expert"));
  EXPECT_EQ(step.rewards, std::vector<float>(8, 1.0f));
  EXPECT_EQ(step.terminated, std::vector<bool>(8, true));
  towers.close();
  towers.close();
}

TEST(Client, NumbersAndTextsMeanTheSame) {
  Client client(address());
  auto towers = client.make({.task = "Offset-v1", .slots = 2});
  towers.reset({.seed = 3});
  const auto numbers = towers.step(std::vector<float>{100, 50, -20, 80});
  towers.reset({.seed = 3});
  const auto texts = towers.step({"<answer>(100, 50)</answer>", "<answer>(-20, 80)</answer>"});
  EXPECT_EQ(numbers.rewards, texts.rewards);
}

TEST(Client, ErrorsNameFieldAndReason) {
  Client client(address());
  try {
    client.make({.task = "Stability-v1", .observe = {"smell"}});
    FAIL() << "'smell' was accepted";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), grpc::StatusCode::INVALID_ARGUMENT);
    EXPECT_FALSE(error.field().empty());
    EXPECT_FALSE(error.reason().empty());
  }
  EXPECT_THROW(client.task("Nothing-v1"), Error);
}

TEST(Client, TimeoutStopsTheWaitNotTheWork) {
  Client client(address());
  auto towers = client.make({.task = "Stability-v1", .slots = 64, .observe = {"rgb"}});
  towers.reset({.seed = 1});
  const Actions answers(std::vector<std::string>(64));
  EXPECT_THROW(towers.step(answers, {.timeout = Milliseconds(0)}), Error);
  try {
    towers.step(answers);
    FAIL() << "the step that nobody waited for was not carried out";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), grpc::StatusCode::FAILED_PRECONDITION);
  }
}

TEST(Client, AnotherConnectionResumesTheSession) {
  Client client(address());
  auto towers = client.make({.task = "Offset-v1", .slots = 2, .split = "val"});
  towers.reset({.seed = 5});
  const auto [id, secret] = client.session();
  EXPECT_EQ(id.size(), 32u) << "named by the client";
  Client other(address());
  const auto info = other.resume(id, secret);
  ASSERT_EQ(info.environments_size(), 1);
  EXPECT_TRUE(info.environments(0).is_reset());
  EXPECT_EQ(other.attach(info.environments(0)).step(std::vector<float>{1, 2, 3, 4}).rewards.size(), 2u);
  EXPECT_NE(other.make({.task = "Offset-v1"}).info().environment(), info.environments(0).environment());
  EXPECT_THROW(other.resume(id, "wrong"), Error);
}

TEST(Client, DatasetStopsWhereTheFunctionSaysSo) {
  Client client(address());
  int rows = 0;
  client.dataset({.task = "Stability-v1", .count = 300, .observe = {"prompt"}}, [&](const v1::DatasetChunk& chunk) {
    rows += chunk.seeds_size();
    return rows < 100;
  });
  EXPECT_GE(rows, 100);
  EXPECT_LT(rows, 300);
}

TEST(Client, ScoreJudgesWithoutAnEnvironment) {
  Client client(address());
  const auto scores = client.score("Stability-v1", {1, 1, 1}, {"<answer>yes</answer>", "<answer>no</answer>", "?"});
  EXPECT_EQ(scores.rewards[0] + scores.rewards[1], 1);
  EXPECT_EQ(scores.rewards[2], -1);
}

TEST(Client, EmbeddedEngineHasTheServersScenesAndWantsNoServer) {
  std::vector<std::string> scenes, pictures;
  for (const auto& where : {address(), std::string("embedded")}) {
    Client client(where);
    auto towers = client.make(
        {.task = "Offset-v1", .slots = 3, .observe = {"scene_hash", "rgb"}, .pictures = {48, 32}});
    const auto shown = towers.reset({.seed = 11});
    scenes.push_back(shown["scene_hash"].tensor().data());
    pictures.push_back(towers.fork({2, 0}).restore(towers.snapshot())["rgb"].tensor().data());
  }
  EXPECT_EQ(scenes[0], scenes[1]);
  EXPECT_EQ(pictures[0], pictures[1]);
  Client client("embedded");
  EXPECT_FALSE(client.tasks().empty());
  EXPECT_THROW(client.session(), Error);
  EXPECT_THROW(client.task("Stabilty-v1"), Error);
}

TEST(Client, NobodyThereIsToldAtOnceWithWhatToStart) {
  for (const auto& [address, patience] : std::vector<std::pair<std::string, Timeout>>{
           {"http://127.0.0.1:1", {}}, {"unix:/nowhere/towers.sock", {}}, {"127.0.0.1:1", Milliseconds(200)}}) {
    Client client(address, {.patience = patience});
    try {
      client.server_info();
      FAIL() << "nobody listens there";
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), grpc::StatusCode::UNAVAILABLE);
      const std::string said = error.what();
      EXPECT_EQ(said.find("Nobody listens at "), 0u) << said;
      EXPECT_NE(said.find("./physintuition serve"), std::string::npos) << said;
    }
  }
}

TEST(Client, AddressHasOneForm) {
  const std::string port = address().substr(address().rfind(':') + 1);
  for (const auto& form : {"127.0.0.1:" + port, "http://localhost:" + port + "/", " HTTP://127.0.0.1:" + port + " "}) {
    EXPECT_FALSE(Client(form).tasks().empty()) << form;
  }
  setenv(server_variable, ("http://" + address()).c_str(), 1);
  EXPECT_FALSE(Client().tasks().empty());
  unsetenv(server_variable);
  for (const std::string wrong : {"ftp://lab.example", "http://lab.example/path", "http://", "lab:port", "a:b:c",
                                  "lab.example:99999", "http://me@lab.example"}) {
    EXPECT_THROW(Client{wrong}, std::invalid_argument) << wrong;
  }
}

TEST(Client, TextCutInsideACharacterIsRefusedAndChangesNothing) {
  Client client(address());
  const std::string cut = std::string("no \xc3\xa9").substr(0, 4);
  std::vector<std::string> seeds;
  for (const bool is_tried : {true, false}) {
    auto towers = client.make({.task = "Stability-v1",
                               .autoreset = v1::AUTORESET_MODE_SAME_STEP,
                               .observe = {"seed"}});
    towers.reset({.seed = 5});
    if (is_tried) {
      for (const auto& wrong : {cut, std::string("\xed\xa0\x80"), std::string("\xc0\x80"), std::string("\xff")}) {
        try {
          towers.step(std::vector<std::string>{wrong});
          FAIL() << "half a character was sent";
        } catch (const Error& error) {
          EXPECT_EQ(error.code(), grpc::StatusCode::INVALID_ARGUMENT);
          EXPECT_EQ(error.field(), "actions[0]");
        }
      }
      EXPECT_THROW(towers.reset({.options = {cut}}), Error);
      EXPECT_THROW(client.score("Stability-v1", {1}, std::vector<std::string>{cut}), Error);
    }
    seeds.push_back(towers.step(std::vector<std::string>{"\u00e9 \U0001F9F1"}).observations["seed"].tensor().data());
  }
  EXPECT_EQ(seeds[0], seeds[1]);
}

}  // namespace
