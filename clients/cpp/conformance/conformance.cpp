// Carries out recorded conversations through the C++ client; clients/conformance/README.md has the format.
#include <arpa/inet.h>
#include <openssl/evp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <limits>
#include <map>
#include <nlohmann/json.hpp>

#include "physintuition/physintuition.hpp"

using namespace physintuition;
using nlohmann::json;

namespace {

std::string hexadecimal(const unsigned char* bytes, std::size_t count) {
  std::string text;
  for (std::size_t i = 0; i < count; i++) {
    constexpr char digits[] = "0123456789abcdef";
    text += digits[bytes[i] >> 4];
    text += digits[bytes[i] & 15];
  }
  return text;
}

std::string digest(const std::string& data) {
  unsigned char sum[EVP_MAX_MD_SIZE];
  unsigned length = 0;
  EVP_Digest(data.data(), data.size(), sum, &length, EVP_sha256(), nullptr);
  return "sha256:" + hexadecimal(sum, 16);
}

std::string canonical(const std::string& data) {
  return data.size() <= 32 ? hexadecimal(reinterpret_cast<const unsigned char*>(data.data()), data.size())
                           : digest(data);
}

std::string bytes_of(const std::vector<float>& values) {
  return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(float)};
}

std::string bytes_of(const std::vector<bool>& flags) { return {flags.begin(), flags.end()}; }

json observation(const v1::Observation& value) {
  static const std::map<int, std::string> types = {
      {v1::DATA_TYPE_UINT8, "uint8"},   {v1::DATA_TYPE_INT32, "int32"},     {v1::DATA_TYPE_INT64, "int64"},
      {v1::DATA_TYPE_UINT64, "uint64"}, {v1::DATA_TYPE_FLOAT32, "float32"}, {v1::DATA_TYPE_FLOAT64, "float64"}};
  if (value.has_tensor()) {
    const auto& tensor = value.tensor();
    return {{"name", value.name()},
            {"type", types.at(tensor.type())},
            {"shape", std::vector<std::uint32_t>(tensor.shape().begin(), tensor.shape().end())},
            {"data", canonical(tensor.data())}};
  }
  std::string all;
  if (value.has_pictures()) {
    for (const auto& file : value.pictures().files()) {
      all += file;
    }
    return {{"name", value.name()}, {"files", value.pictures().files_size()}, {"data", digest(all)}};
  }
  for (const auto& text : value.texts().values()) {
    all += text + '\0';
  }
  return {{"name", value.name()}, {"texts", value.texts().values_size()}, {"data", digest(all)}};
}

json observations(const Observations::List& values) {
  auto list = json::array();
  for (const auto& value : values) {
    list.push_back(observation(value));
  }
  return list;
}

json shown(const Observations& values) { return {{"observations", observations(values.list())}}; }

// Rows of more chunks behind those of the first.
void append(Observations::List& columns, const Observations::List& more) {
  for (int i = 0; i < more.size(); i++) {
    auto& column = *columns.Mutable(i);
    if (column.has_tensor()) {
      auto& tensor = *column.mutable_tensor();
      tensor.set_shape(0, tensor.shape(0) + more[i].tensor().shape(0));
      tensor.mutable_data()->append(more[i].tensor().data());
    } else if (column.has_pictures()) {
      column.mutable_pictures()->MergeFrom(more[i].pictures());
    } else {
      column.mutable_texts()->MergeFrom(more[i].texts());
    }
  }
}

void cut_to(Observations::List& columns, int rows) {
  for (auto& column : columns) {
    if (column.has_tensor()) {
      auto& tensor = *column.mutable_tensor();
      tensor.mutable_data()->resize(tensor.data().size() / tensor.shape(0) * rows);
      tensor.set_shape(0, rows);
    } else {
      auto& values = column.has_pictures() ? *column.mutable_pictures()->mutable_files()
                                           : *column.mutable_texts()->mutable_values();
      values.DeleteSubrange(rows, values.size() - rows);
    }
  }
}

Actions actions_of(const json& step) {
  const auto times = step.value("times", 1);
  if (step.contains("texts")) {
    std::vector<std::string> texts;
    for (int i = 0; i < times; i++) {
      texts.insert(texts.end(), step["texts"].begin(), step["texts"].end());
    }
    return texts;
  }
  std::vector<float> numbers;
  for (int i = 0; i < times; i++) {
    for (const auto& row : step["numbers"]) {
      for (const auto& value : row) {
        numbers.push_back(value.is_null() ? std::numeric_limits<float>::quiet_NaN() : value.get<float>());
      }
    }
  }
  return numbers;
}

std::vector<std::uint64_t> seeds_of(const json& step) {
  std::vector<std::uint64_t> seeds;
  for (int i = 0; i < step.value("times", 1) && step.contains("seeds"); i++) {
    for (const auto& seed : step["seeds"]) {
      seeds.push_back(std::stoull(seed.get<std::string>()));
    }
  }
  return seeds;
}

std::string mask_of(const json& step) {
  std::string mask;
  for (const auto& flag : step.value("mask", json::array())) {
    mask += static_cast<char>(flag.get<int>());
  }
  return mask;
}

std::string text_of(const json& options) { return options.is_null() ? "" : options.dump(); }

std::optional<std::vector<std::string>> names_of(const json& step) {
  if (step.contains("observe")) {
    return step["observe"].get<std::vector<std::string>>();
  }
  return {};
}

Pictures pictures_of(const json& step, Pictures pictures) {
  pictures.width = step.value("width", pictures.width);
  pictures.height = step.value("height", pictures.height);
  if (step.contains("encoding")) {
    pictures.encoding = step["encoding"] == "png" ? v1::PICTURE_ENCODING_PNG : v1::PICTURE_ENCODING_RAW;
  }
  pictures.history = step.value("history", pictures.history);
  return pictures;
}

std::vector<std::uint32_t> list_of(const json& step, const char* name) {
  return step.value(name, std::vector<std::uint32_t>());
}

std::string first(const std::string& text, int scalars) {
  std::size_t end = 0;
  while (end < text.size() && scalars-- > 0) {
    do {
      end++;
    } while (end < text.size() && (text[end] & 0xC0) == 0x80);
  }
  return text.substr(0, end);
}

// One session and what it has named. A function for each kind of step that is more than a line.
class Conversation {
 public:
  Conversation(Client& client, std::string control) : client_(client), control_(std::move(control)) {}

  json carry_out(const json& step) {
    json result;
    try {
      result = result_of(step);
    } catch (const Error& error) {
      result = {{"error",
                 {{"code", static_cast<int>(error.code())},
                  {"reason", error.reason()},
                  {"field", error.field()},
                  {"message", first(error.what(), 64)}}}};
    }
    result["do"] = step["do"];
    return result;
  }

 private:
  json result_of(const json& step) {
    const std::string verb = step["do"];
    if (verb == "task") {
      const auto task = client_.task(step["task"]);
      return {{"id", task.id()}, {"title", task.title()}, {"max_steps", task.max_steps()}};
    }
    if (verb == "create") return create(step);
    if (verb == "reset") return reset(step);
    if (verb == "step") return act(step);
    if (verb == "pipeline") return pipeline(step);
    if (verb == "cancel") return cancel(step);
    if (verb == "render") {
      return shown(in(step).render(list_of(step, "slots"), names_of(step).value_or(std::vector<std::string>{"rgb"}),
                                   pictures_of(step, pictures_.at(step["in"]))));
    }
    if (verb == "snapshot") {
      snapshots_[step["as"]] = in(step).snapshot(list_of(step, "slots"));
      return json::object();
    }
    if (verb == "restore") {
      return shown(in(step).restore(snapshots_.at(step["from"]), list_of(step, "sources"), mask_of(step)));
    }
    if (verb == "fork") {
      auto forked = in(step).fork(list_of(step, "slots"));
      const auto slots = forked.info().slots();
      pictures_[step["as"]] = pictures_.at(step["in"]);
      environments_.insert_or_assign(step["as"], std::move(forked));
      return {{"slots", slots}};
    }
    if (verb == "close") {
      in(step).close();
      return json::object();
    }
    if (verb == "score") {
      const auto scores = client_.score(step["task"], seeds_of(step), actions_of(step),
                                        names_of(step).value_or(std::vector<std::string>()),
                                        step.value("split", "train"), text_of(step.value("options", json())),
                                        list_of(step, "turns"));
      auto result = shown(scores.observations);
      result["rewards"] = canonical(bytes_of(scores.rewards));
      return result;
    }
    if (verb == "dataset") return dataset(step);
    if (verb == "cut") return cut(step);
    throw std::runtime_error("this driver cannot '" + verb + "'");
  }

  json create(const json& step) {
    static const std::map<std::string, v1::AutoresetMode> modes = {{"next_step", v1::AUTORESET_MODE_NEXT_STEP},
                                                                  {"same_step", v1::AUTORESET_MODE_SAME_STEP},
                                                                  {"disabled", v1::AUTORESET_MODE_DISABLED}};
    Settings settings;
    settings.task = step["task"];
    settings.slots = step.value("slots", 1u);
    settings.split = step.value("split", "train");
    settings.options = text_of(step.value("options", json()));
    for (const auto& options : step.value("slot_options", json::array())) {
      settings.slot_options.push_back(text_of(options));
    }
    settings.autoreset = modes.at(step.value("autoreset", "disabled"));
    settings.outcome = step.value("outcome", "settled") == "question" ? v1::TERMINAL_OBSERVATION_QUESTION
                                                                       : v1::TERMINAL_OBSERVATION_SETTLED;
    settings.observe = names_of(step).value_or(std::vector<std::string>());
    settings.pictures = pictures_of(step, {64, 64});
    auto environment = client_.make(settings);
    const auto slots = environment.info().slots();
    pictures_[step["as"]] = settings.pictures;
    environments_.insert_or_assign(step["as"], std::move(environment));
    return {{"slots", slots}};
  }

  json reset(const json& step) {
    Reset settings;
    if (step.contains("seed")) {
      settings.seed = std::stoull(step["seed"].get<std::string>());
    }
    settings.seeds = seeds_of(step);
    settings.mask = mask_of(step);
    for (const auto& options : step.value("options", json::array())) {
      settings.options.push_back(text_of(options));
    }
    settings.observe = names_of(step);
    return shown(in(step).reset(settings));
  }

  json act(const json& step, Timeout timeout = {}) {
    const auto result = in(step).step(actions_of(step), {mask_of(step), names_of(step), timeout});
    auto told = shown(result.observations);
    told["rewards"] = canonical(bytes_of(result.rewards));
    told["terminated"] = canonical(bytes_of(result.terminated));
    told["truncated"] = canonical(bytes_of(result.truncated));
    told["started"] = canonical(bytes_of(result.started));
    told["final"] = observations(result.final.list());
    return told;
  }

  json pipeline(const json& step) {
    auto replies = json::array();
    for (auto part : step["steps"]) {
      part["in"] = step["in"];
      replies.push_back(act(part));
    }
    return {{"replies", replies}};
  }

  json cancel(const json& step) {
    try {
      act(step, Milliseconds(1));
    } catch (const Error&) {
      // The time was over, or the server was faster with its refusal.
    }
    return json::object();
  }

  json dataset(const json& step) {
    std::vector<std::string> seeds;
    Observations::List columns;
    const auto stop = step.value("stop_after", std::numeric_limits<int>::max());
    Dataset settings;
    settings.task = step["task"];
    settings.first_seed = std::stoull(step["first_seed"].get<std::string>());
    settings.count = step["count"];
    settings.observe = step["observe"].get<std::vector<std::string>>();
    settings.split = step.value("split", "train");
    settings.options = text_of(step.value("options", json()));
    settings.pictures = pictures_of(step, {64, 64, v1::PICTURE_ENCODING_PNG});
    client_.dataset(settings, [&](const v1::DatasetChunk& chunk) {
      for (const auto seed : chunk.seeds()) {
        seeds.push_back(std::to_string(seed));
      }
      if (columns.empty()) {
        columns = chunk.columns();
      } else {
        append(columns, chunk.columns());
      }
      return static_cast<int>(seeds.size()) < stop;
    });
    if (static_cast<int>(seeds.size()) > stop) {
      seeds.resize(stop);
      cut_to(columns, stop);
    }
    return {{"seeds", seeds}, {"columns", observations(columns)}};
  }

  json cut(const json& step) {
    const auto colon = control_.rfind(':');
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(std::stoi(control_.substr(colon + 1))));
    inet_pton(AF_INET, control_.substr(0, colon).c_str(), &address.sin_addr);
    const int control = socket(AF_INET, SOCK_STREAM, 0);
    const auto words = step.value("when", "now") + "\n";
    char answer[64];
    if (connect(control, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 ||
        write(control, words.data(), words.size()) < 0) {
      throw std::runtime_error("the control address does not answer");
    }
    while (read(control, answer, sizeof answer) > 0) {
    }
    ::close(control);
    return json::object();
  }

  Environment& in(const json& step) { return environments_.at(step["in"]); }

  Client& client_;
  std::string control_;
  std::map<std::string, Environment> environments_;
  std::map<std::string, Pictures> pictures_;
  std::map<std::string, std::string> snapshots_;
};

}  // namespace

int main(int count, char** words) {
  std::map<std::string, std::string> told;
  int next = 1;
  const std::string mode = count > 1 ? words[1] : "";
  const bool is_embedded = mode == "--embedded", is_durable = mode == "--durable";
  next += is_embedded || is_durable ? 1 : 0;
  for (; next + 1 < count && std::string(words[next]).starts_with("--"); next += 2) {
    told[words[next]] = words[next + 1];
  }
  setenv("PHYSINTUITION_LIBRARY", "artifacts/embedded/libphysintuition.so", 0);
  const Options options = is_durable ? Options{.patience = std::chrono::minutes(2), .durable = true} : Options{};
  const bool are_named = next < count;   // the others come on standard input, one a line
  for (std::string name; are_named ? next < count : !!std::getline(std::cin, name);) {
    const std::filesystem::path file(are_named ? words[next++] : name);
    std::ifstream stream(file);
    const auto conversation = json::parse(stream);
    Client client(is_embedded ? "embedded" : told.at("--address"), options);
    std::cout << json{{"conversation", file.stem().string()}}.dump() << std::endl;
    Conversation carried(client, told.at("--control"));
    for (const auto& step : conversation["steps"]) {
      std::cout << carried.carry_out(step).dump() << std::endl;
    }
  }
}
