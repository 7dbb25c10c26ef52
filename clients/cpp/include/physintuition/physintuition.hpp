// A client of the PhysIntuition server: batches of block worlds to reset, step and render.
//
// Three nouns: a Client is a connection with a session of its own, an Environment is a batch of slots that play one
// task (one is a batch of one), a task is described by v1::TaskInfo. Calls that cannot reach the server are tried
// again for Options::patience; environments and steps are numbered, so nothing is done twice.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <grpcpp/grpcpp.h>

#include "physintuition/v1/environment.grpc.pb.h"

namespace physintuition {

inline constexpr const char* version = "0.1.0";
inline constexpr const char* default_address = "127.0.0.1:50051";
inline constexpr const char* server_variable = "PHYSINTUITION_SERVER";   // names a server for a Client without address

using Milliseconds = std::chrono::milliseconds;
using Timeout = std::optional<Milliseconds>;

// A failure that the caller can understand and fix: what() names field, value, rule and remedy.
class Error : public std::runtime_error {
 public:
  Error(grpc::StatusCode code, const std::string& message, v1::Error detail = {});

  grpc::StatusCode code() const { return code_; }
  // "OUT_OF_RANGE", "WRONG_LENGTH", ...: stable, for programs; may be empty.
  const std::string& reason() const { return detail_.reason(); }
  // The request field at fault, in the wire's spelling; may be empty.
  const std::string& field() const { return detail_.field(); }
  // Everything the server said, with value, rule, remedy and when to retry.
  const v1::Error& detail() const { return detail_; }
  // Nobody knows whether the server has carried out the call.
  bool is_uncertain() const;

 private:
  grpc::StatusCode code_;
  v1::Error detail_;
};

struct Options {
  std::string token = {};                                       // API token, where the server asks for one
  std::chrono::seconds lease{0};                                // 0: the server's default
  // For which a call that cannot reach the server is tried again. None: 30 s once the server has been reached; before
  // that, an address where nobody listens is told at once.
  Timeout patience = {};
  std::shared_ptr<grpc::ChannelCredentials> credentials = {};   // empty: plain text, or with https the system's
  bool durable = false;   // the session outlives its server: any server of its cluster goes on with it
  // A session that is lost with its server is rebuilt on another one, or on the same once it is back, from the last
  // snapshots and the calls since; the call that finds out takes longer. Unseeded episodes, and calls without a seeded
  // reset of all slots for long, need snapshots, which servers read that share a snapshot secret. Durable sessions are
  // left to their cluster.
  bool recover = true;
  std::function<void(const std::string&)> log = {};   // where the line goes that says so; empty: the error stream
};

// How pictures come, and turns of a chat.
struct Pictures {
  std::uint32_t width = 0, height = 0;   // pixels; 0: 224
  v1::PictureEncoding encoding = v1::PICTURE_ENCODING_RAW;
  std::string history = {};   // turns of "messages": "new", "all" or a number of the user's last; empty: "new"
};

// Settings of an environment. Only the task must be given.
struct Settings {
  std::string task = {};   // "Stability-v1"
  std::uint32_t slots = 1;
  std::string split = "train";
  std::string options = {};                     // the task's options as a JSON object
  std::vector<std::string> slot_options = {};   // per slot, on top of options: a JSON object or empty
  v1::AutoresetMode autoreset = v1::AUTORESET_MODE_DISABLED;
  v1::TerminalObservation outcome = v1::TERMINAL_OBSERVATION_SETTLED;   // what is shown of an ended episode
  std::vector<std::string> observe = {};        // what reset and step return
  Pictures pictures = {};
};

// Named observations in the order in which they were asked for; they own the reply's bytes.
class Observations {
 public:
  using List = google::protobuf::RepeatedPtrField<v1::Observation>;

  Observations() = default;
  explicit Observations(List&& list) : list_(std::move(list)) {}

  const List& list() const { return list_; }
  // Throws std::out_of_range for a name that was not asked for.
  const v1::Observation& operator[](const std::string& name) const;
  // One value for each row.
  std::vector<std::string> texts(const std::string& name) const;
  // Row-major elements of a tensor of floats, without a copy.
  std::span<const float> floats(const std::string& name) const;

 private:
  List list_;
};

// Texts of a language model, or numbers of shape [rows, action_size]; one for each row.
struct Actions {
  std::vector<std::string> texts;
  std::vector<float> numbers;
  bool are_texts;

  Actions(std::vector<std::string> answers) : texts(std::move(answers)), are_texts(true) {}
  Actions(std::initializer_list<const char*> answers) : texts(answers.begin(), answers.end()), are_texts(true) {}
  Actions(std::vector<float> values) : numbers(std::move(values)), are_texts(false) {}
};

struct Reset {
  std::optional<std::uint64_t> seed = {};    // slot i starts from seed + i; none: each slot's own stream goes on
  std::vector<std::uint64_t> seeds = {};     // or one for each row
  std::string mask = {};                     // uint8[slots], 1: reset this slot; empty: all
  std::vector<std::string> options = {};     // from now on: one JSON object for all rows, or one for each
  std::optional<std::vector<std::string>> observe = {};   // for this reply only
};

struct StepSettings {
  std::string mask = {};                                  // uint8[slots], 1: step this slot; empty: all
  std::optional<std::vector<std::string>> observe = {};   // for this reply only
  // After which the call throws Error with DEADLINE_EXCEEDED: that stops the wait, not the work.
  Timeout timeout = {};
};

// What one step gave; one row for each slot that took part, in slot order.
struct Step {
  std::vector<float> rewards;
  std::vector<bool> terminated;   // the task reached its own end
  std::vector<bool> truncated;    // a limit outside the task ended the episode
  std::vector<bool> started;      // the observations are the first of a new episode
  Observations observations;
  Observations final;             // same-step autoreset: rows of the episodes that ended
};

struct Scores {
  std::vector<float> rewards;
  Observations observations;
};

struct Dataset {
  std::string task;
  std::uint64_t first_seed = 0;
  std::uint32_t count = 1;
  std::vector<std::string> observe = {"rgb", "prompt", "expert"};
  std::string split = "train";
  std::string options = {};
  Pictures pictures = {};
};

class Connection;

// A batch of slots. Movable; calls that change it must not overlap. Closed when it is destroyed.
class Environment {
 public:
  Environment(Environment&&) noexcept;
  Environment& operator=(Environment&&) noexcept;
  ~Environment();

  // Slots, split, the options in force.
  const v1::EnvironmentInfo& info() const;
  Observations reset(const Reset& settings = {});
  Step step(const Actions& actions, const StepSettings& settings = {});
  // Draws slots as they are now; no slots: all.
  Observations render(const std::vector<std::uint32_t>& slots = {}, const std::vector<std::string>& names = {"rgb"},
                      std::optional<Pictures> pictures = {});
  // The state of slots in a few bytes; no slots: all.
  std::string snapshot(const std::vector<std::uint32_t>& slots = {});
  // Row i continues from captured slot sources[i].
  Observations restore(const std::string& snapshot, const std::vector<std::uint32_t>& sources = {},
                       const std::string& mask = {});
  // A second environment whose slots continue from slots of this one; repetition allowed.
  Environment fork(const std::vector<std::uint32_t>& slots = {});
  // Frees the slots. Closing twice is fine.
  void close();

 private:
  friend class Client;
  struct State;
  explicit Environment(std::unique_ptr<State> state);

  std::unique_ptr<State> state_;
};

// A connection to one server, with a session. Its calls may overlap.
class Client {
 public:
  // The address is HOST:PORT, with or without http:// or https://, or unix:PATH; empty: what the environment variable
  // PHYSINTUITION_SERVER names, else default_address; "embedded": the engine in this process, see embedded.hpp. Throws
  // std::invalid_argument for another form, std::runtime_error where the engine is not there.
  explicit Client(const std::string& address = {}, Options options = {});

  v1::ServerInfo server_info();
  std::vector<v1::TaskInfo> tasks();
  v1::TaskInfo task(const std::string& id);
  Environment make(const Settings& settings);
  // Judges answers, or conversations of several: one reward for each seed. Turns say how many answers belong to each
  // seed; none: one.
  Scores score(const std::string& task, const std::vector<std::uint64_t>& seeds, const Actions& answers,
               const std::vector<std::string>& observe = {}, const std::string& split = "train",
               const std::string& options = {}, const std::vector<std::uint32_t>& turns = {});
  // Hands chunks of rows to a function until all have come or it returns false.
  void dataset(const Dataset& settings, const std::function<bool(const v1::DatasetChunk&)>& each);

  // Id and secret; with both, resume continues the session from another process.
  std::pair<std::string, std::string> session();
  v1::SessionInfo resume(const std::string& id, const std::string& secret);
  // An environment that a resumed session already owns.
  Environment attach(const v1::EnvironmentInfo& info, Pictures pictures = {});
  // Ends the session; the last of client and environments does it, too.
  void close();

 private:
  std::shared_ptr<Connection> connection_;
};

}  // namespace physintuition
