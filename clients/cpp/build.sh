#!/bin/sh
# Builds the C++ client, its conformance driver, benchmark and tests into artifacts/cpp.
# Needs cmake, g++, pkg-config, libgrpc++-dev, protobuf-compiler-grpc, nlohmann-json3-dev, libssl-dev, libgtest-dev.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
build="$here/../../artifacts/cpp"
cmake -S "$here" -B "$build" >/dev/null
cmake --build "$build" --parallel 2
