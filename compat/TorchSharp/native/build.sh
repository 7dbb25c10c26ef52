#!/bin/sh
# Builds the native half of the TorchSharp stand-in into artifacts/native/. Runs again only where sources changed.
#
#   LIBTORCH=/path/to/libtorch   take this libtorch (the folder with include/ and lib/)
#   PYTHON=python3               the interpreter whose torch is taken when no system libtorch is installed
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../../.." && pwd)
python=${PYTHON:-python3}

abi=1
if [ -n "${LIBTORCH:-}" ]; then
  torch_root=$LIBTORCH
  origin="LIBTORCH"
elif [ -e /usr/include/ATen/ATen.h ]; then
  torch_root=
  origin="the system's libtorch-dev"
elif found=$("$python" -c 'import os, torch
print(os.path.dirname(torch.__file__))
print(int(torch.compiled_with_cxx11_abi()))' 2>/dev/null); then
  torch_root=$(printf '%s\n' "$found" | sed -n 1p)
  abi=$(printf '%s\n' "$found" | sed -n 2p)
  origin="$python's torch"
else
  echo "No libtorch found. Install libtorch-dev, or set LIBTORCH to a libtorch folder," >&2
  echo "or install torch for $python." >&2
  exit 1
fi

build="$root/artifacts/native/build"
mkdir -p "$build"
cmake -S "$here" -B "$build" -DTORCH_ROOT="$torch_root" -DTORCH_CXX11_ABI="$abi" >"$build/configure.log" 2>&1 || {
  cat "$build/configure.log" >&2
  exit 1
}
cmake --build "$build" --parallel 2 >"$build/build.log" 2>&1 || {
  cat "$build/build.log" >&2
  exit 1
}
cp -u "$build/libphysintuition_torch.so" "$root/artifacts/native/"
echo "libphysintuition_torch.so over $origin${torch_root:+ ($torch_root)}"
