#include "physintuition/physintuition.hpp"

#include <algorithm>
#include <atomic>
#include <cinttypes>
#include <cstdio>
#include <cstring>
#include <mutex>
#include <random>
#include <thread>
#include <type_traits>
#include <variant>

#include "address.hpp"
#include "physintuition/embedded.hpp"
#include "recovery.hpp"

namespace physintuition {

namespace {

constexpr const char* error_trailer = "physintuition-error-bin";
constexpr const char* session_key = "physintuition-session";
constexpr Milliseconds first_pause{50}, longest_pause{2000}, usual_patience{30'000};
constexpr std::chrono::seconds goodbye{5};   // for closing the session
constexpr int sessions_per_call = 5;         // that it loses in a row before that is told
constexpr const char* unknown_session = "UNKNOWN_SESSION";

// The session of a call, by its number.
struct In {
  int epoch;
};
constexpr In no_session{-1}, any_session{-2};

using Stub = v1::EnvironmentService::Stub;
using Clock = std::chrono::steady_clock;

template <typename Request, typename Reply>
using Method = grpc::Status (Stub::*)(grpc::ClientContext*, const Request&, Reply*);

Error error_from(const grpc::Status& status, const grpc::ClientContext& context) {
  v1::Error detail;
  const auto& trailers = context.GetServerTrailingMetadata();
  if (const auto found = trailers.find(error_trailer); found != trailers.end()) {
    detail.ParseFromArray(found->second.data(), static_cast<int>(found->second.size()));
  }
  const auto& message = detail.message().empty() ? status.error_message() : detail.message();
  return Error(status.error_code(), message, detail);
}

Error lost(const std::string& message, const std::string& reason = "SESSION_LOST") {
  v1::Error detail;
  detail.set_code(grpc::StatusCode::NOT_FOUND);
  detail.set_message(message);
  detail.set_reason(reason);
  return Error(grpc::StatusCode::NOT_FOUND, message, detail);
}

bool is_unknown(const Error& error) { return error.reason() == unknown_session; }

template <typename Request>
constexpr auto method_of() {
  if constexpr (std::is_same_v<Request, v1::ResetRequest>) {
    return &Stub::Reset;
  } else if constexpr (std::is_same_v<Request, v1::StepRequest>) {
    return &Stub::Step;
  } else {
    return &Stub::Restore;
  }
}

std::vector<float> floats_of(const std::string& bytes) {
  std::vector<float> values(bytes.size() / sizeof(float));
  std::memcpy(values.data(), bytes.data(), values.size() * sizeof(float));
  return values;
}

std::vector<bool> flags_of(const std::string& bytes, std::size_t rows) {
  std::vector<bool> flags(rows);
  std::copy(bytes.begin(), bytes.end(), flags.begin());
  return flags;
}

// Whole characters alone: the wire carries nothing else, and a request that cannot be read has no answer.
bool is_utf8(const std::string& text) {
  static constexpr std::uint32_t least[] = {0, 0x80, 0x800, 0x10000};
  for (std::size_t i = 0; i < text.size();) {
    const auto first = static_cast<unsigned char>(text[i++]);
    const int more = first < 0x80 ? 0 : first >> 5 == 6 ? 1 : first >> 4 == 14 ? 2 : first >> 3 == 30 ? 3 : -1;
    std::uint32_t character = more <= 0 ? first : first & (0x3f >> more);
    for (int k = 0; k < more; k++) {
      const auto next = i < text.size() ? static_cast<unsigned char>(text[i++]) : 0u;
      if (next >> 6 != 2) {
        return false;
      }
      character = character << 6 | (next & 0x3f);
    }
    if (more < 0 || character < least[more] || character > 0x10ffff || character >> 11 == 27) {
      return false;
    }
  }
  return true;
}

void check_texts(const std::string& field, const std::vector<std::string>& texts) {
  for (std::size_t i = 0; i < texts.size(); i++) {
    if (!is_utf8(texts[i])) {
      v1::Error detail;
      detail.set_reason("INVALID_ARGUMENT");
      detail.set_field(field + '[' + std::to_string(i) + ']');
      throw Error(grpc::StatusCode::INVALID_ARGUMENT,
                  '\'' + detail.field() + "' is no UTF-8; it must hold whole characters. Cut texts between them.", detail);
    }
  }
}

Error error_from(const embedded::Refusal& refusal) {
  return Error(static_cast<grpc::StatusCode>(refusal.detail().code()), refusal.what(), refusal.detail());
}

// The engine in this process where the address says so.
std::unique_ptr<embedded::Session> engine_for(const std::string& address) {
  const char* named = std::getenv(server_variable);
  const bool is_embedded = address == embedded::address ||
                           (address.empty() && named != nullptr && named == std::string(embedded::address));
  return is_embedded ? std::make_unique<embedded::Session>() : nullptr;
}

template <typename Message>
void put(Message& request, const Actions& actions) {
  if (actions.are_texts) {
    check_texts("actions", actions.texts);
    request.mutable_texts()->mutable_answers()->Assign(actions.texts.begin(), actions.texts.end());
  } else {
    const auto* bytes = reinterpret_cast<const char*>(actions.numbers.data());
    request.set_numbers(std::string(bytes, actions.numbers.size() * sizeof(float)));
  }
}

void put(v1::ObservationRequest& request, const std::vector<std::string>& names, const Pictures& pictures) {
  request.mutable_names()->Assign(names.begin(), names.end());
  request.set_width(pictures.width);
  request.set_height(pictures.height);
  request.set_encoding(pictures.encoding);
  request.set_history(pictures.history);
}

Observations take(google::protobuf::RepeatedPtrField<v1::Observation>* list) {
  return Observations(std::move(*list));
}

std::uint64_t random_bits() {
  std::random_device source;
  return (static_cast<std::uint64_t>(source()) << 32) | source();
}

// Names a session before it is opened, so that a load balancer that hashes the name sends OpenSession where it sends
// the calls after it. Each attempt has a name of its own: one whose reply was lost has taken its name.
std::string new_session_id() {
  char name[33];
  std::snprintf(name, sizeof name, "%016" PRIx64 "%016" PRIx64, random_bits(), random_bits());
  return name;
}

// Numbers a Create or Fork, so that one sent again finds the environment that it opened and nobody else's.
std::uint64_t new_create_id() { return random_bits() | 1; }   // 0 is no number

grpc::ChannelArguments channel_arguments() {
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(-1);
  arguments.SetMaxSendMessageSize(-1);
  arguments.SetInt("grpc.enable_http_proxy", 0);
  arguments.SetInt("grpc.use_local_subchannel_pool", 1);
  arguments.SetInt("grpc.initial_reconnect_backoff_ms", 100);
  arguments.SetInt("grpc.min_reconnect_backoff_ms", 5000);   // also the time that one attempt may take
  arguments.SetInt("grpc.max_reconnect_backoff_ms", 2000);
  return arguments;
}

}  // namespace

// What a client and its environments share: the channel and the session.
class Connection {
 public:
  Connection(const std::string& address, Options options)
      : options_(std::move(options)),
        engine_(engine_for(address)),
        addresses_(engine_ ? std::vector<Address>{} : Address::parse_all(address)),
        server_(engine_ ? nullptr : dial(0)) {}

  ~Connection() { close(); }

  // Makes a call, again and again while the server cannot be reached.
  template <typename Request, typename Reply>
  Reply call(Method<Request, Reply> method, const Request& request, In in = any_session, Timeout timeout = {}) {
    if constexpr (!std::is_same_v<Request, v1::OpenSessionRequest>) {
      if (engine_) {
        return ask_engine([&] { return engine_->call<Reply>(request, timeout); });
      }
    }
    const auto give_up = Clock::now() + options_.patience.value_or(usual_patience);
    for (auto pause = first_pause;; pause = std::min(2 * pause, longest_pause)) {
      grpc::ClientContext context;
      prepare(context, in, timeout);
      const auto server = this->server();
      if constexpr (std::is_same_v<Request, v1::OpenSessionRequest>) {
        context.AddMetadata(session_key, request.resume_id().empty() ? new_session_id() : request.resume_id());
      }
      Reply reply;
      const auto status = (server->stub.get()->*method)(&context, request, &reply);
      if (status.ok()) {
        is_reached_ = true;
        return reply;
      }
      if (status.error_code() != grpc::StatusCode::UNAVAILABLE) {
        is_reached_ = true;
        throw error_from(status, context);
      }
      if (has_moved(server, error_from(status, context).reason() == "DRAINING") && Clock::now() < give_up) {
        continue;
      }
      const bool is_late = Clock::now() + pause > give_up;
      if (is_late || (!is_reached_ && !options_.patience)) {
        if (const auto why = addresses_[server->place].why_unreachable(); !why.empty()) {
          throw Error(status.error_code(), why);
        }
        if (is_late) {
          throw error_from(status, context);
        }
      }
      const auto until = std::chrono::system_clock::now() + pause;
      server->channel->WaitForConnected(until);   // a connection is made only while somebody waits for it
      std::this_thread::sleep_until(until);
    }
  }

  void prepare(grpc::ClientContext& context, In in, Timeout timeout = {}) {
    if (!options_.token.empty()) {
      context.AddMetadata("authorization", "Bearer " + options_.token);
    }
    if (in.epoch != no_session.epoch) {
      const auto [id, secret] = session(in);
      context.AddMetadata(session_key, id);
      context.AddMetadata("physintuition-session-token", secret);
    }
    if (timeout) {
      context.set_deadline(std::chrono::system_clock::now() + *timeout);
    }
  }

  void dataset(const v1::StreamDatasetRequest& request, const std::function<bool(const v1::DatasetChunk&)>& each) {
    if (engine_) {
      ask_engine([&] { engine_->stream<v1::DatasetChunk>(request, each); });
      return;
    }
    grpc::ClientContext context;
    prepare(context, no_session);
    const auto asked = server();
    const auto reader = asked->stub->StreamDataset(&context, request);
    for (v1::DatasetChunk chunk; reader->Read(&chunk);) {
      if (!each(chunk)) {
        context.TryCancel();
        (void)reader->Finish();
        return;
      }
    }
    if (const auto status = reader->Finish(); !status.ok()) {
      throw error_from(status, context);
    }
  }

  // Id and secret; from now on another process may know them.
  std::pair<std::string, std::string> share() {
    require_server("session");
    auto both = session(any_session);
    const std::lock_guard guard(lock_);
    is_shared_ = true;
    return both;
  }

  std::pair<std::string, std::string> session(In in) {
    const std::lock_guard guard(lock_);
    if (in.epoch != any_session.epoch && in.epoch != epoch_) {
      throw lost("The session is lost, and another one has taken its place.", unknown_session);
    }
    if (session_.first.empty()) {
      v1::OpenSessionRequest request;
      request.set_client(std::string("physintuition-cpp/") + version);
      request.set_lease_seconds(static_cast<std::uint32_t>(options_.lease.count()));
      request.set_durable(options_.durable);
      auto info = call(&Stub::OpenSession, request, no_session);
      session_ = {info.id(), info.token()};
    }
    return session_;
  }

  v1::SessionInfo resume(const std::string& id, const std::string& secret) {
    require_server("resume");
    v1::OpenSessionRequest request;
    request.set_client(std::string("physintuition-cpp/") + version);
    request.set_resume_id(id);
    request.set_resume_token(secret);
    auto info = call(&Stub::OpenSession, request, no_session);
    const std::lock_guard guard(lock_);
    session_ = {id, secret};
    is_shared_ = true;
    return info;
  }

  void close() {
    {
      const std::lock_guard guard(lock_);
      if (session_.first.empty()) {
        return;
      }
    }
    grpc::ClientContext context;
    prepare(context, any_session, Milliseconds(goodbye));
    v1::CloseSessionReply reply;
    // Where this fails the lease ends the session.
    (void)server()->stub->CloseSession(&context, v1::CloseSessionRequest(), &reply);
    const std::lock_guard guard(lock_);
    session_ = {};
  }

  // Sessions that were lost and replaced.
  int epoch() {
    const std::lock_guard guard(lock_);
    return epoch_;
  }

  // Whether a lost session is replaced; not where another process may have used it, or a cluster keeps it.
  bool recovers() {
    const std::lock_guard guard(lock_);
    return options_.recover && !engine_ && !options_.durable && !is_shared_;
  }

  // The next call opens another session, as the server does not know this one. False: it must not.
  bool renew(int epoch) {
    if (!recovers()) {
      return false;
    }
    const std::lock_guard guard(lock_);
    if (epoch == epoch_) {
      epoch_++;
      session_ = {};
      const auto line = "The session is lost; its environments go on at " + where() +
                        ", rebuilt from their snapshots and calls.";
      options_.log ? options_.log(line) : (void)std::fprintf(stderr, "%s\n", line.c_str());
    }
    return true;
  }

  // Opens an environment; says in which session.
  std::pair<v1::EnvironmentInfo, int> create(const v1::CreateRequest& request) {
    for (int left = sessions_per_call;; left--) {
      const int epoch = this->epoch();
      try {
        return {call(&Stub::Create, request, In{epoch}).environment(), epoch};
      } catch (const Error& error) {
        if (!is_unknown(error) || left == 1 || !renew(epoch)) {
          throw;
        }
      }
    }
  }

  std::string where() { return addresses_[server()->place].target(); }

  // The server that is used now; a call that is under way keeps the one that it is at.
  struct Server {
    std::size_t place;
    std::shared_ptr<grpc::Channel> channel;
    std::unique_ptr<Stub> stub;
  };

  std::shared_ptr<Server> server() {
    const std::lock_guard guard(dialing_);
    return server_;
  }

 private:
  template <typename Call>
  static auto ask_engine(const Call& make) -> decltype(make()) {
    try {
      return make();
    } catch (const embedded::Refusal& refusal) {
      throw error_from(refusal);
    }
  }

  void require_server(const std::string& what) const {
    if (engine_) {
      throw Error(grpc::StatusCode::FAILED_PRECONDITION,
                  '\'' + what + "' wants a server: the engine is in this process, where nobody else reaches it. " +
                      "Name a server as address or in " + server_variable + '.');
    }
  }

  std::shared_ptr<Server> dial(std::size_t place) const {
    auto credentials = options_.credentials;
    if (!credentials) {
      credentials = addresses_[place].is_secure ? grpc::SslCredentials({}) : grpc::InsecureChannelCredentials();
    }
    auto channel = grpc::CreateCustomChannel(addresses_[place].target(), credentials, channel_arguments());
    auto stub = v1::EnvironmentService::NewStub(channel);
    return std::make_shared<Server>(Server{place, std::move(channel), std::move(stub)});
  }

  // Goes on with the next server that listens, where nobody does at the one that did not answer. With the session's
  // name: servers of a cluster know it, others say so.
  bool has_moved(const std::shared_ptr<Server>& from, bool is_draining) {
    if (addresses_.size() == 1 || (!is_draining && addresses_[from->place].is_listening())) {
      return false;
    }
    const std::lock_guard guard(dialing_);
    for (std::size_t step = 1; server_ == from && step < addresses_.size(); step++) {
      if (const auto other = (from->place + step) % addresses_.size(); addresses_[other].is_listening()) {
        server_ = dial(other);
      }
    }
    return server_ != from;
  }

  Options options_;
  std::unique_ptr<embedded::Session> engine_;   // null: a server is asked
  std::vector<Address> addresses_;
  std::atomic<bool> is_reached_{false};
  std::mutex dialing_;
  std::shared_ptr<Server> server_;
  std::mutex lock_;
  std::pair<std::string, std::string> session_;
  int epoch_ = 0;
  bool is_shared_ = false;   // another process may know of the session
};

Error::Error(grpc::StatusCode code, const std::string& message, v1::Error detail)
    : std::runtime_error(message), code_(code), detail_(std::move(detail)) {}

bool Error::is_uncertain() const {
  return code_ == grpc::StatusCode::CANCELLED || code_ == grpc::StatusCode::DEADLINE_EXCEEDED ||
         code_ == grpc::StatusCode::INTERNAL || code_ == grpc::StatusCode::UNAVAILABLE ||
         code_ == grpc::StatusCode::UNKNOWN;
}

const v1::Observation& Observations::operator[](const std::string& name) const {
  for (const auto& observation : list_) {
    if (observation.name() == name) {
      return observation;
    }
  }
  throw std::out_of_range("There is no observation '" + name + "'; ask for it in 'observe'.");
}

std::vector<std::string> Observations::texts(const std::string& name) const {
  const auto& values = (*this)[name].texts().values();
  return {values.begin(), values.end()};
}

std::span<const float> Observations::floats(const std::string& name) const {
  const auto& tensor = (*this)[name].tensor();
  if (tensor.type() != v1::DATA_TYPE_FLOAT32) {
    throw std::out_of_range("Observation '" + name + "' holds no float32.");
  }
  return {reinterpret_cast<const float*>(tensor.data().data()), tensor.data().size() / sizeof(float)};
}

struct Environment::State {
  State(std::shared_ptr<Connection> shared, const v1::EnvironmentInfo& told, Pictures shown, int session,
        std::optional<History> past = {})
      : connection(std::move(shared)), info(told), pictures(shown), number(told.environment()), epoch(session),
        history(std::move(past)), next_step(told.last_step_id() + 1) {}

  std::shared_ptr<Connection> connection;
  v1::EnvironmentInfo info;
  Pictures pictures;
  std::uint32_t number;             // in its session
  int epoch;                        // of that session
  std::optional<History> history;   // none: it is not brought back
  std::uint64_t next_step;
  std::function<void()> unanswered;   // a numbered call whose outcome is not known
  bool is_closed = false;

  // A repeated number gets the recorded reply, so a call that is tried again never acts twice.
  template <typename Request, typename Reply>
  Reply numbered(Method<Request, Reply> method, Request request, Timeout timeout = {}) {
    settle();
    unanswered = [this, method, request] { carry_out(method, request, {}); };
    return ask([&] { return carry_out(method, request, timeout); });
  }

  template <typename Request, typename Reply>
  Reply carry_out(Method<Request, Reply> method, Request request, Timeout timeout) {
    while (true) {
      auto reply = recovered([&] { return send(method, request, timeout); });
      if (is_kept(request, reply)) {
        return reply;
      }
    }
  }

  template <typename Request, typename Reply>
  Reply send(Method<Request, Reply> method, Request& request, Timeout timeout = {}) {
    request.set_environment(number);
    request.set_step_id(next_step);
    return connection->call(method, request, In{epoch}, timeout);
  }

  // Makes a call, in another session where the last one is lost.
  template <typename Call>
  auto recovered(const Call& make) -> decltype(make()) {
    for (int left = sessions_per_call;; left--) {
      const int current = connection->epoch();
      try {
        if (history && epoch != current) {
          rebuild();
        }
        return make();
      } catch (const Error& error) {
        if (!is_unknown(error) || !history || left == 1 || !connection->renew(current)) {
          throw;
        }
      }
    }
  }

  void rebuild() {
    auto request = history->create();
    request.set_create_id(new_create_id());
    const auto [opened, session] = connection->create(request);
    number = opened.environment();
    epoch = session;
    next_step = 1;
    try {
      for (auto& call : history->replay()) {
        std::visit([&](auto& again) {
          const auto reply = send(method_of<std::decay_t<decltype(again)>>(), again);
          if (call.outcome != 0 && call.outcome != History::outcome_of(reply)) {
            throw lost("A call of this " + info.task() + " environment had another outcome than where its session was " +
                       "lost. The servers must be of the same version.");
          }
        }, call.request);
        next_step++;
      }
    } catch (const Error& error) {
      epoch = -1;   // half of it: the next attempt begins anew
      if (error.reason() == "WRONG_SNAPSHOT") {
        throw lost("The session is lost, and the server at " + connection->where() + " cannot read snapshots of the " +
                   "one that had it. Give both the same PhysIntuition:Engine:SnapshotSecret, or reset with seeds, " +
                   "which needs no snapshot.");
      }
      throw;
    }
  }

  // False: the session was lost before what the server drew was kept; nobody has seen the reply yet.
  template <typename Request, typename Reply>
  bool is_kept(const Request& request, const Reply& reply) {
    const bool is_drawn = history && history->is_drawn(request);
    if (!history || !history->add(request, reply)) {
      return true;
    }
    try {
      history->keep(connection->call(&Stub::Snapshot, history->capture(number), In{epoch}).snapshot());
    } catch (const Error& error) {
      if (is_drawn && is_unknown(error) && connection->renew(epoch)) {
        return false;
      }
      if (is_drawn && error.is_uncertain()) {
        throw;
      }
      if (is_drawn) {
        history.reset();   // it cannot be brought back: as without recovery
      }
    }
    return true;
  }

  std::string snapshot(const std::vector<std::uint32_t>& slots) {
    v1::SnapshotRequest request;
    request.mutable_slots()->Assign(slots.begin(), slots.end());
    return recovered([&] {
      request.set_environment(number);
      return connection->call(&Stub::Snapshot, request, In{epoch}).snapshot();
    });
  }

  // Whoever gave up waiting left a call behind; it is done before anything else.
  void settle() {
    if (!unanswered) {
      return;
    }
    try {
      ask(unanswered);
    } catch (const Error& error) {
      if (error.is_uncertain()) {
        throw;
      }
    }
  }

  template <typename Call>
  auto ask(const Call& make) -> decltype(make()) {
    struct Answered {   // runs after the reply has been made, whatever its type
      State& state;
      bool is_done = true;
      ~Answered() {
        if (is_done) {
          state.unanswered = nullptr;
          state.next_step++;
        }
      }
    } answered{*this};
    try {
      return make();
    } catch (const Error& error) {
      answered.is_done = false;
      if (!error.is_uncertain()) {
        unanswered = nullptr;   // refused: its number is free again
      }
      throw;
    }
  }
};

Environment::Environment(std::unique_ptr<State> state) : state_(std::move(state)) {}
Environment::Environment(Environment&&) noexcept = default;

Environment& Environment::operator=(Environment&& other) noexcept {
  std::swap(state_, other.state_);
  return *this;
}

Environment::~Environment() {
  try {
    close();
  } catch (const std::exception&) {
    // The session's end frees the slots.
  }
}

const v1::EnvironmentInfo& Environment::info() const { return state_->info; }

Observations Environment::reset(const Reset& settings) {
  v1::ResetRequest request;
  if (settings.seed) {
    request.set_seed(*settings.seed);
  }
  request.mutable_seeds()->Assign(settings.seeds.begin(), settings.seeds.end());
  request.set_mask(settings.mask);
  check_texts("options", settings.options);
  request.mutable_options_json()->Assign(settings.options.begin(), settings.options.end());
  if (settings.observe) {
    put(*request.mutable_observe(), *settings.observe, state_->pictures);
  }
  auto reply = state_->numbered(&Stub::Reset, request);
  return take(reply.mutable_observations());
}

Step Environment::step(const Actions& actions, const StepSettings& settings) {
  v1::StepRequest request;
  put(request, actions);
  request.set_mask(settings.mask);
  if (settings.observe) {
    put(*request.mutable_observe(), *settings.observe, state_->pictures);
  }
  auto reply = state_->numbered(&Stub::Step, request, settings.timeout);
  auto rewards = floats_of(reply.rewards());
  const auto rows = rewards.size();
  return {std::move(rewards),
          flags_of(reply.terminated(), rows),
          flags_of(reply.truncated(), rows),
          flags_of(reply.started(), rows),
          take(reply.mutable_observations()),
          take(reply.mutable_final_observations())};
}

Observations Environment::render(const std::vector<std::uint32_t>& slots, const std::vector<std::string>& names,
                                 std::optional<Pictures> pictures) {
  v1::RenderRequest request;
  request.mutable_slots()->Assign(slots.begin(), slots.end());
  put(*request.mutable_observe(), names, pictures.value_or(state_->pictures));
  auto reply = state_->recovered([&] {
    request.set_environment(state_->number);
    return state_->connection->call(&Stub::Render, request, In{state_->epoch});
  });
  return take(reply.mutable_observations());
}

std::string Environment::snapshot(const std::vector<std::uint32_t>& slots) {
  return state_->snapshot(slots);
}

Observations Environment::restore(const std::string& snapshot, const std::vector<std::uint32_t>& sources,
                                  const std::string& mask) {
  v1::RestoreRequest request;
  request.set_snapshot(snapshot);
  request.mutable_sources()->Assign(sources.begin(), sources.end());
  request.set_mask(mask);
  auto reply = state_->numbered(&Stub::Restore, request);
  return take(reply.mutable_observations());
}

Environment Environment::fork(const std::vector<std::uint32_t>& slots) {
  v1::ForkRequest request;
  request.set_create_id(new_create_id());
  request.set_without_observations(true);
  request.mutable_slots()->Assign(slots.begin(), slots.end());
  std::optional<std::string> snapshot;
  if (state_->history) {
    snapshot = state_->snapshot(slots);
  }
  const auto reply = state_->recovered([&] {
    request.set_environment(state_->number);
    return state_->connection->call(&Stub::Fork, request, In{state_->epoch});
  });
  std::optional<History> past;
  if (snapshot && state_->history) {
    past = state_->history->of_fork(reply.environment().slots(), std::move(*snapshot));
  }
  return Environment(std::make_unique<State>(
      state_->connection, reply.environment(), state_->pictures, state_->epoch, std::move(past)));
}

void Environment::close() {
  if (!state_ || state_->is_closed) {
    return;
  }
  v1::CloseRequest request;
  request.set_environment(state_->number);
  state_->history.reset();
  try {
    state_->connection->call(&Stub::Close, request, In{state_->epoch});
  } catch (const Error& error) {
    if (error.code() != grpc::StatusCode::NOT_FOUND) {   // its session is over, and it with it
      throw;
    }
  }
  state_->is_closed = true;
}

Client::Client(const std::string& address, Options options)
    : connection_(std::make_shared<Connection>(address, std::move(options))) {}

v1::ServerInfo Client::server_info() {
  return connection_->call(&Stub::GetServerInfo, v1::GetServerInfoRequest(), no_session);
}

std::vector<v1::TaskInfo> Client::tasks() {
  const auto reply = connection_->call(&Stub::ListTasks, v1::ListTasksRequest(), no_session);
  return {reply.tasks().begin(), reply.tasks().end()};
}

v1::TaskInfo Client::task(const std::string& id) {
  v1::GetTaskRequest request;
  request.set_task(id);
  return connection_->call(&Stub::GetTask, request, no_session);
}

Environment Client::make(const Settings& settings) {
  v1::CreateRequest request;
  request.set_task(settings.task);
  request.set_slots(settings.slots);
  request.set_split(settings.split);
  request.set_options_json(settings.options);
  request.mutable_slot_options_json()->Assign(settings.slot_options.begin(), settings.slot_options.end());
  request.set_autoreset(settings.autoreset);
  request.set_outcome(settings.outcome);
  request.set_create_id(new_create_id());
  put(*request.mutable_observe(), settings.observe, settings.pictures);
  const bool recovers = connection_->recovers();
  const auto [info, epoch] = connection_->create(request);
  std::optional<History> past;
  if (recovers) {
    past.emplace(request, info.slots());
  }
  return Environment(std::make_unique<Environment::State>(
      connection_, info, settings.pictures, epoch, std::move(past)));
}

Environment Client::attach(const v1::EnvironmentInfo& info, Pictures pictures) {
  return Environment(std::make_unique<Environment::State>(connection_, info, pictures, connection_->epoch()));
}

Scores Client::score(const std::string& task, const std::vector<std::uint64_t>& seeds, const Actions& answers,
                     const std::vector<std::string>& observe, const std::string& split,
                     const std::string& options, const std::vector<std::uint32_t>& turns) {
  v1::ScoreRequest request;
  request.set_task(task);
  request.set_split(split);
  request.set_options_json(options);
  request.mutable_seeds()->Assign(seeds.begin(), seeds.end());
  request.mutable_turns()->Assign(turns.begin(), turns.end());
  put(request, answers);
  request.mutable_observe()->mutable_names()->Assign(observe.begin(), observe.end());
  auto reply = connection_->call(&Stub::Score, request, no_session);
  return {floats_of(reply.rewards()), take(reply.mutable_observations())};
}

void Client::dataset(const Dataset& settings, const std::function<bool(const v1::DatasetChunk&)>& each) {
  v1::StreamDatasetRequest request;
  request.set_task(settings.task);
  request.set_split(settings.split);
  request.set_options_json(settings.options);
  request.set_first_seed(settings.first_seed);
  request.set_count(settings.count);
  put(*request.mutable_observe(), settings.observe, settings.pictures);
  connection_->dataset(request, each);
}

std::pair<std::string, std::string> Client::session() { return connection_->share(); }

v1::SessionInfo Client::resume(const std::string& id, const std::string& secret) {
  return connection_->resume(id, secret);
}

void Client::close() { connection_->close(); }

}  // namespace physintuition
