// Steps an environment as often as it is told; ../../README.md has the form.
#include <iostream>

#include "physintuition/physintuition.hpp"

int main(int, char** words) {
  physintuition::Client client(words[1]);
  const auto slots = static_cast<std::uint32_t>(std::stoul(words[3]));
  const auto edge = static_cast<std::uint32_t>(std::stoul(words[4]));
  const auto size = client.task(words[2]).action_size();
  auto environment = client.make({.task = words[2],
                                  .slots = slots,
                                  .autoreset = physintuition::v1::AUTORESET_MODE_NEXT_STEP,
                                  .observe = {"rgb", "info"},
                                  .pictures = {.width = edge, .height = edge}});
  environment.reset({.seed = 0});
  const physintuition::Actions actions(std::vector<float>(slots * size));
  std::cout << "ready" << std::endl;
  for (std::string line; std::getline(std::cin, line);) {
    const auto start = std::chrono::steady_clock::now();
    for (auto left = std::stoi(line); left > 0; left--) {
      environment.step(actions);
    }
    std::cout << std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count() << std::endl;
  }
}
