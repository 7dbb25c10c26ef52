// What brings an environment back in another session: its last snapshot and the calls since.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "physintuition/v1/environment.pb.h"

namespace physintuition {

// Calls since a seeded reset of all slots are enough; where there is none for long, a snapshot takes the place of what
// came before it.
class History {
 public:
  using Change = std::variant<v1::ResetRequest, v1::StepRequest, v1::RestoreRequest>;

  struct Call {
    Change request;
    std::uint64_t outcome;   // a fingerprint of what the reply said of its episodes' ends; 0: nothing
  };

  static constexpr int calls_between_snapshots = 256;

  History(v1::CreateRequest create, std::size_t slots, std::optional<std::string> snapshot = {})
      : create_(std::move(create)),
        snapshot_(std::move(snapshot)),
        open_(slots, snapshot_.has_value()),
        is_known_(open_),
        is_held_(open_),
        has_other_options_(snapshot_.has_value()) {}

  const v1::CreateRequest& create() const { return create_; }

  // Whether the server draws what nobody can repeat: then its reply is kept as a snapshot, or not at all.
  template <typename Request>
  bool is_drawn(const Request& request) const {
    if constexpr (std::is_same_v<Request, v1::ResetRequest>) {
      for (std::size_t slot = 0; !is_seeded(request) && slot < open_.size(); slot++) {
        if (!is_known_[slot] && takes(request.mask(), slot)) {
          return true;
        }
      }
    }
    return false;
  }

  // A call was answered. True: a snapshot should take the place of what is kept.
  template <typename Request, typename Reply>
  bool add(const Request& request, const Reply& reply) {
    const bool drawn = is_drawn(request);
    if constexpr (std::is_same_v<Request, v1::ResetRequest>) {
      if (is_seeded(request) && request.mask().empty() && !has_other_options_) {
        snapshot_.reset();
        forget_calls();
      }
      has_other_options_ |= request.options_json_size() > 0;
      begin(request.mask(), is_seeded(request));
    } else if constexpr (std::is_same_v<Request, v1::RestoreRequest>) {
      has_other_options_ = true;
      begin(request.mask(), true);
    }
    if (!drawn) {
      calls_.push_back({request, outcome_of(reply)});
      bytes_ += request.ByteSizeLong();
      wait_--;
    }
    return drawn || wait_ <= 0 || bytes_ > largest;
  }

  // Asks for every slot that has a state; where it is refused, the next attempt is as far away.
  v1::SnapshotRequest capture(std::uint32_t environment) {
    wait_ = calls_between_snapshots;
    v1::SnapshotRequest request;
    request.set_environment(environment);
    for (std::size_t slot = 0; slot < open_.size(); slot++) {
      if (open_[slot]) {
        request.add_slots(static_cast<std::uint32_t>(slot));
      }
    }
    return request;
  }

  // A snapshot holds all that was done so far.
  void keep(std::string snapshot) {
    snapshot_ = std::move(snapshot);
    is_known_ = open_;
    is_held_ = open_;
    has_other_options_ = true;
    forget_calls();
  }

  // The calls that lead to the state; without pictures, only with hashes that were asked for.
  std::vector<Call> replay() const {
    std::vector<Call> calls;
    if (snapshot_) {
      v1::RestoreRequest restore;
      restore.set_snapshot(*snapshot_);
      restore.mutable_observe();
      if (std::find(is_held_.begin(), is_held_.end(), false) != is_held_.end()) {
        restore.set_mask(std::string(is_held_.begin(), is_held_.end()));
      }
      calls.push_back({restore, 0});
    }
    for (auto call : calls_) {
      std::visit([this](auto& request) {
        const auto asked = request.has_observe() ? request.observe().names() : create_.observe().names();
        request.mutable_observe()->Clear();
        for (const auto& name : asked) {
          if (is_hash(name)) {
            request.mutable_observe()->add_names(name);
          }
        }
      }, call.request);
      calls.push_back(std::move(call));
    }
    return calls;
  }

  // The history of an environment that begins with a snapshot of this one.
  History of_fork(std::uint32_t slots, std::string snapshot) const {
    auto create = create_;
    create.set_slots(slots);
    create.clear_slot_options_json();
    return {std::move(create), slots, std::move(snapshot)};
  }

  // FNV-1a, 64 bits; never 0.
  template <typename Reply>
  static std::uint64_t outcome_of(const Reply& reply) {
    std::uint64_t code = 0xcbf29ce484222325;
    const auto add = [&code](const std::string& bytes) {
      for (const unsigned char byte : bytes) {
        code = (code ^ byte) * 0x100000001b3;
      }
    };
    if constexpr (std::is_same_v<Reply, v1::StepReply>) {
      for (const auto* part : {&reply.rewards(), &reply.terminated(), &reply.truncated(), &reply.started()}) {
        add(*part);
      }
    }
    for (const auto& observation : reply.observations()) {
      if (is_hash(observation.name())) {
        add(observation.tensor().data());
      }
    }
    return code | 1;
  }

 private:
  static constexpr std::size_t largest = 1 << 20;   // bytes of calls that are kept at most, but for the last one

  static bool is_seeded(const v1::ResetRequest& request) { return request.has_seed() || request.seeds_size() > 0; }
  static bool is_hash(const std::string& name) { return name == "scene_hash" || name == "outcome_hash"; }
  static bool takes(const std::string& mask, std::size_t slot) {
    return mask.empty() || (slot < mask.size() && mask[slot] == 1);
  }

  void begin(const std::string& mask, bool is_known) {
    for (std::size_t slot = 0; slot < open_.size(); slot++) {
      if (takes(mask, slot)) {
        open_[slot] = true;
        is_known_[slot] = is_known_[slot] || is_known;
      }
    }
  }

  void forget_calls() {
    calls_.clear();
    bytes_ = 0;
    wait_ = calls_between_snapshots;
  }

  v1::CreateRequest create_;
  std::optional<std::string> snapshot_;
  std::vector<bool> open_, is_known_;   // slots with an episode; slots whose further seeds follow from what is kept
  std::vector<bool> is_held_;   // slots that the snapshot holds
  bool has_other_options_;
  std::vector<Call> calls_;
  std::size_t bytes_ = 0;
  int wait_ = calls_between_snapshots;
};

}  // namespace physintuition
