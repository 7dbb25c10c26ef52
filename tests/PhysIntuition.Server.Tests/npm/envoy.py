"""Reads configurations as Envoy does: strictly, into the messages of Envoy's own API.

usage: envoy.py FILE...; prints a line for each fault, exits with 1 if there is one.
"""

import pathlib
import subprocess
import sys
import tempfile

import yaml
from google.protobuf import descriptor_pb2, descriptor_pool, json_format, message_factory

API = pathlib.Path(__file__).parent / "node_modules/@grpc/grpc-js-xds/deps"
FILES = [
    "envoy/config/bootstrap/v3/bootstrap.proto",
    "envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager.proto",
    "envoy/extensions/filters/http/router/v3/router.proto",
    "envoy/extensions/upstreams/http/v3/http_protocol_options.proto",
]


def compile_api(folder):
    """The descriptors of FILES and of all that they import."""
    rules = (API / "protoc-gen-validate/validate/validate.proto").read_text()
    (folder / "validate").mkdir()
    # The package's copy of these annotations is older than the API that uses them.
    (folder / "validate/validate.proto").write_text(
        rules.replace("message StringRules {", "message StringRules {\n  optional bool ignore_empty = 26;", 1))
    roots = [API / "envoy-api", API / "googleapis", folder, API / "xds", "/usr/include"]
    output = folder / "api.pb"
    subprocess.run(
        ["protoc", *(f"-I{root}" for root in roots), "--include_imports", f"--descriptor_set_out={output}", *FILES],
        check=True, stderr=subprocess.PIPE)
    return descriptor_pb2.FileDescriptorSet.FromString(output.read_bytes())


def main(files):
    pool = descriptor_pool.DescriptorPool()
    with tempfile.TemporaryDirectory() as folder:
        for file in compile_api(pathlib.Path(folder)).file:
            pool.Add(file)
    bootstrap = pool.FindMessageTypeByName("envoy.config.bootstrap.v3.Bootstrap")
    message = message_factory.MessageFactory(pool).GetPrototype(bootstrap)
    faults = 0
    for file in files:
        try:
            config = yaml.safe_load(pathlib.Path(file).read_text())
            json_format.ParseDict(config, message(), descriptor_pool=pool)
        except (TypeError, yaml.YAMLError, json_format.Error) as fault:
            print(f"{file}: {fault}")
            faults += 1
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
