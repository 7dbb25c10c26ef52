"""Trains a vision-language model by GRPO with ms-swift, on tasks of one step or of several.

    pip install ms-swift vllm && pip install clients/python
    ./physintuition serve &
    python3 clients/python/examples/ms_swift_grpo.py --model Qwen/Qwen2.5-VL-3B-Instruct --task OffsetRetry-v1

It writes rows and starts ``swift rlhf``; ``--prepare`` only writes, and prints the command. This file is also the
plugin that ``--external_plugins`` names. Further words behind ``--`` are ms-swift's own.
"""

from __future__ import annotations

import argparse
import json
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from physintuition.integrations import ms_swift  # noqa: E402


def prepare(arguments: argparse.Namespace) -> list[str]:
    """Writes what ms-swift reads; returns the command."""
    out = Path(arguments.out).resolve()
    out.mkdir(parents=True, exist_ok=True)
    with open(out / "train.jsonl", "w") as file:
        for row in ms_swift.dataset(arguments.task, arguments.rows, address=arguments.address):
            file.write(json.dumps(row) + "\n")
    return [
        "swift", "rlhf", "--rlhf_type", "grpo", "--model", arguments.model, "--dataset", str(out / "train.jsonl"),
        "--external_plugins", str(Path(__file__).resolve()), "--use_gym_env", "true", "--gym_env", ms_swift.NAME,
        "--multi_turn_scheduler", ms_swift.NAME, "--max_turns", "8", "--use_vllm", "true", "--vllm_mode", "colocate",
        "--num_generations", "8", "--per_device_train_batch_size", "8", "--max_completion_length", "512",
        "--torch_dtype", "bfloat16", "--output_dir", str(out), *arguments.words,
    ]


def parse(words: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--address", help="of the server; else PHYSINTUITION_SERVER, or 127.0.0.1:50051")
    parser.add_argument("--model", default="Qwen/Qwen2.5-VL-3B-Instruct")
    parser.add_argument("--task", default="OffsetRetry-v1")
    parser.add_argument("--rows", type=int, default=4096)
    parser.add_argument("--out", default="ms-swift-run")
    parser.add_argument("--prepare", action="store_true", help="write the rows, print the command, and end")
    parser.add_argument("words", nargs="*")
    return parser.parse_args(words)


def main() -> int:
    arguments = parse()
    if not arguments.prepare and shutil.which("swift") is None:
        sys.exit("ms_swift_grpo.py needs ms-swift: pip install ms-swift; --prepare writes its rows without.")
    command = prepare(arguments)
    print(shlex.join(command), flush=True)
    return 0 if arguments.prepare else subprocess.call(command)


if __name__ == "__main__":
    sys.exit(main())
else:
    ms_swift.register()
