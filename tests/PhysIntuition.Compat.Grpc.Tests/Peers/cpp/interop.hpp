// The two halves of the interop program.
#pragma once

#include <string>

// Calls every check against a target and prints `ok NAME` or `failed NAME WHY` for each.
int run_client(const std::string& target);

// Prints `port N` and serves until standard input ends.
int run_server();
