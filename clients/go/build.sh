#!/bin/sh
# Builds the Go client's programs with Debian's packages (golang-go, golang-google-grpc-dev), which lie in a
# GOPATH; elsewhere `go build ./...` takes the modules that go.mod names.
# usage: clients/go/build.sh [test]
set -eu
here=$(cd "$(dirname "$0")" && pwd)
artifacts=$(cd "$here/../.." && pwd)/artifacts
mkdir -p "$artifacts/go/src" "$artifacts/bin/go"
ln -sfn "$here" "$artifacts/go/src/physintuition"
export CGO_ENABLED=0 GO111MODULE=off GOPATH="$artifacts/go:/usr/share/gocode" GOFLAGS= GOCACHE="${GOCACHE:-$artifacts/go/cache}"
cd "$artifacts/go/src/physintuition"
if [ "${1:-}" = test ]; then
  export REPOSITORY="$here/../.."
  exec go test -v -count=1 physintuition
fi
go vet physintuition physintuition/conformance physintuition/bench
go build -o "$artifacts/bin/go/" physintuition/conformance physintuition/bench
