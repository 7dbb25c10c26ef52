// The engine in this process, without a server and without gRPC: the calls of environment.proto through the library of
// physintuition.h, which is loaded when it is first needed. Nothing but this file, the messages and -ldl is linked.
//
//   physintuition::embedded::Session session;
//   v1::CreateRequest create;   // task, slots, observe, ...
//   const v1::CreateReply made = session.call<v1::CreateReply>(create);
//
// A session's calls may overlap; those on one environment are carried out in the order in which they come. A forked
// child must not use its parent's sessions, nor open one: exec first. physintuition.hpp has the client for both.
#pragma once

#include <dlfcn.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>

#include "physintuition.h"
#include "physintuition/v1/environment.pb.h"

namespace physintuition::embedded {

inline constexpr const char* address = "embedded";
inline constexpr const char* library_variable = "PHYSINTUITION_LIBRARY";   // names the file
inline constexpr const char* settings_variable = "PHYSINTUITION_ENGINE";   // a JSON object, see physintuition.h

using Timeout = std::optional<std::chrono::milliseconds>;

// A refusal of the engine: what() names field, value, rule and remedy.
class Refusal : public std::runtime_error {
 public:
  explicit Refusal(v1::Error detail) : std::runtime_error(detail.message()), detail_(std::move(detail)) {}

  // Its code is one of gRPC's: 3 invalid argument, 4 deadline exceeded, 5 not found, ...
  const v1::Error& detail() const { return detail_; }

 private:
  v1::Error detail_;
};

// The number of the method that takes a message.
constexpr int method_of(const v1::GetServerInfoRequest&) { return PHYSINTUITION_GET_SERVER_INFO; }
constexpr int method_of(const v1::ListTasksRequest&) { return PHYSINTUITION_LIST_TASKS; }
constexpr int method_of(const v1::GetTaskRequest&) { return PHYSINTUITION_GET_TASK; }
constexpr int method_of(const v1::CreateRequest&) { return PHYSINTUITION_CREATE; }
constexpr int method_of(const v1::ResetRequest&) { return PHYSINTUITION_RESET; }
constexpr int method_of(const v1::StepRequest&) { return PHYSINTUITION_STEP; }
constexpr int method_of(const v1::RenderRequest&) { return PHYSINTUITION_RENDER; }
constexpr int method_of(const v1::CloseRequest&) { return PHYSINTUITION_CLOSE; }
constexpr int method_of(const v1::SnapshotRequest&) { return PHYSINTUITION_SNAPSHOT; }
constexpr int method_of(const v1::RestoreRequest&) { return PHYSINTUITION_RESTORE; }
constexpr int method_of(const v1::ForkRequest&) { return PHYSINTUITION_FORK; }
constexpr int method_of(const v1::ScoreRequest&) { return PHYSINTUITION_SCORE; }
constexpr int method_of(const v1::StreamDatasetRequest&) { return PHYSINTUITION_STREAM_DATASET; }

// The library's functions; one for the process, loaded at first use and never unloaded.
class Library {
 public:
  // Throws std::runtime_error where there is none.
  static const Library& get() {
    static const Library library;
    return library;
  }

  decltype(&physintuition_open) open;
  decltype(&physintuition_call) call;
  decltype(&physintuition_submit) submit;
  decltype(&physintuition_poll) poll;
  decltype(&physintuition_close) close;
  decltype(&physintuition_last_error) last_error;

 private:
  Library() : handle_(load()) {
    find("physintuition_open", open);
    find("physintuition_call", call);
    find("physintuition_submit", submit);
    find("physintuition_poll", poll);
    find("physintuition_close", close);
    find("physintuition_last_error", last_error);
  }

  static void* load() {
    if (const char* named = std::getenv(library_variable); named != nullptr && *named != 0) {
      return loaded(named, dlopen(named, RTLD_NOW | RTLD_LOCAL));
    }
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512cd") &&
        __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl")) {
      if (void* wide = dlopen("libphysintuition-avx512.so", RTLD_NOW | RTLD_LOCAL)) {
        return wide;
      }
    }
#endif
    return loaded("libphysintuition.so", dlopen("libphysintuition.so", RTLD_NOW | RTLD_LOCAL));
  }

  static void* loaded(const std::string& name, void* handle) {
    if (handle == nullptr) {
      throw std::runtime_error("The embedded engine cannot be loaded from '" + name + "': " + dlerror() +
                               ". Name the file that './physintuition setup embedded' makes in " + library_variable +
                               '.');
    }
    return handle;
  }

  template <typename Function>
  void find(const char* name, Function& function) {
    function = reinterpret_cast<Function>(dlsym(handle_, name));
    if (function == nullptr) {
      throw std::runtime_error(std::string("The library has no ") + name + "; it is another version's.");
    }
  }

  void* handle_;
};

// A session of this process's engine, with the environments that it opened.
class Session {
 public:
  // Throws std::runtime_error where the library is missing or the settings mean nothing.
  explicit Session(const char* settings = std::getenv(settings_variable))
      : library_(Library::get()), handle_(library_.open(settings)) {
    if (handle_ == nullptr) {
      throw std::runtime_error(std::string("The engine does not start: ") + library_.last_error());
    }
  }
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;
  ~Session() { library_.close(handle_); }

  // Makes a call. After the timeout it throws Refusal with code 4: that stops the wait, not the work.
  template <typename Reply, typename Request>
  Reply call(const Request& request, Timeout timeout = {}) {
    const auto data = request.SerializeAsString();
    physintuition_bytes bytes{};
    if (!timeout) {
      return read<Reply>(library_.call(handle_, method_of(request), data_of(data), data.size(), &bytes), bytes);
    }
    const auto number = library_.submit(handle_, method_of(request), data_of(data), data.size());
    const int status = library_.poll(handle_, number, milliseconds(*timeout), &bytes);
    if (status == PHYSINTUITION_PENDING) {
      v1::Error late;
      late.set_code(4);
      late.set_message("There was no reply within " + std::to_string(timeout->count()) + " ms.");
      throw Refusal(late);
    }
    auto reply = read<Reply>(status, bytes);
    (void)library_.poll(handle_, number, -1, &bytes);   // to the end, at which the engine forgets it
    return reply;
  }

  // Makes a call with many replies: hands each to a function until all have come or it returns false.
  template <typename Reply, typename Request, typename Each>
  void stream(const Request& request, const Each& each) {
    const auto data = request.SerializeAsString();
    const auto number = library_.submit(handle_, method_of(request), data_of(data), data.size());
    for (;;) {
      physintuition_bytes bytes{};
      const int status = library_.poll(handle_, number, -1, &bytes);
      if (status == PHYSINTUITION_END || !each(read<Reply>(status, bytes))) {
        return;
      }
    }
  }

 private:
  static const std::uint8_t* data_of(const std::string& data) {
    return reinterpret_cast<const std::uint8_t*>(data.data());
  }

  static std::int32_t milliseconds(std::chrono::milliseconds timeout) {
    return static_cast<std::int32_t>(std::clamp<std::int64_t>(timeout.count(), 0, 0x7fffffff));
  }

  template <typename Reply>
  static Reply read(int status, const physintuition_bytes& bytes) {
    if (status != 0) {
      v1::Error detail;
      detail.ParseFromArray(bytes.data, static_cast<int>(bytes.length));
      detail.set_code(status);
      throw Refusal(detail);
    }
    Reply reply;
    if (!reply.ParseFromArray(bytes.data, static_cast<int>(bytes.length))) {
      throw std::runtime_error("The engine's reply cannot be read; the library is another version's.");
    }
    return reply;
  }

  const Library& library_;
  physintuition_session* handle_;
};

}  // namespace physintuition::embedded
