"""A taskset of verifiers (v1), without end: every index is a scene. prime-rl trains on it by the same name.

    pip install verifiers && pip install clients/python
    ./physintuition serve &
    PYTHONPATH=clients/python/examples uv run eval physintuition-verifiers -m MODEL -n 32 \\
        --env.taskset.task-id OffsetRetry-v1

verifiers finds it as a module of that name; as a package of your own it can be installed and pushed. Started as a
program it shows the first rows: ``python3 clients/python/examples/physintuition_verifiers.py --task OffsetRetry-v1``.
"""

from __future__ import annotations

import argparse
import itertools
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from physintuition.integrations import verifiers as adapter  # noqa: E402

__all__ = ["TaskTaskset", "TaskEnv"]


def __getattr__(name: str) -> type:
    if name in __all__:
        return getattr(adapter, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--address", help="of the server; else PHYSINTUITION_SERVER, or 127.0.0.1:50051")
    parser.add_argument("--task", default="Stability-v1")
    parser.add_argument("--rows", type=int, default=4)
    arguments = parser.parse_args()
    scenes = adapter.prompts({"task": arguments.task, "address": arguments.address})
    for seed, messages in itertools.islice(scenes, arguments.rows):
        picture, text = messages[0]["content"]
        print(f"{seed}: {len(picture['image_url']['url'])} characters of picture; {text['text'].splitlines()[0]}")


if __name__ == "__main__":
    main()
