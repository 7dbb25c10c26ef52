"""What NeMo Gym takes: rows of a dataset, and a resources server, which is PhysIntuition's own HTTP port.

As read in nemo_gym 0.5.1. NeMo Gym starts each server of its configuration; `main` is the entry point that starts ours
on the port that it was given, or stays beside one that already listens there. `simple_agent` asks it for ``/verify``.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
from typing import Any, Iterator, Mapping

from ..chat import SYSTEM
from ..launcher import server_command
from ._episodes import png_uri, questions_of

NAME = "physintuition"
CONFIG = """\
physintuition:
  resources_servers:
    physintuition:
      entrypoint: app.py
      domain: other
      description: Intuitive physics of block towers, from pictures
      verified: false
physintuition_simple_agent:
  responses_api_agents:
    simple_agent:
      entrypoint: app.py
      max_steps: 1
      resources_server:
        type: resources_servers
        name: physintuition
      model_server:
        type: responses_api_models
        name: policy_model
"""


def dataset(
    task: str, count: int, *, first_seed: int = 0, split: str = "train", options: Mapping[str, Any] | None = None,
    size: tuple[int, int] = (224, 224), address: str | None = None,
) -> Iterator[dict[str, Any]]:
    """Rows of the JSONL: the question with its picture as Responses has it, and what ``/verify`` wants to know."""
    for row in questions_of(task, count, first_seed, split, options, size, address):
        uri = png_uri(row["rgb"])
        yield {
            "responses_create_params": {"input": [
                {"role": "system", "content": SYSTEM},
                {"role": "user", "content": [
                    {"type": "input_image", "image_url": uri, "detail": "auto"},
                    {"type": "input_text", "text": row["prompt"]},
                ]},
            ]},
            "task": task, "seed": row["seed"], "split": split,
            **({} if options is None else {"options": dict(options)}),
            "agent_ref": {"type": "responses_api_agents", "name": "physintuition_simple_agent"},
        }


def place() -> tuple[str, int]:
    """Host and port that NeMo Gym gave this server, in the environment."""
    import yaml

    config = yaml.safe_load(os.environ["NEMO_GYM_CONFIG_DICT"])
    server, = config[os.environ["NEMO_GYM_CONFIG_PATH"]]["resources_servers"].values()
    return server["host"], int(server["port"])


def main() -> int:
    """Serves at `place` until it is told to end: the whole of a resources server's app.py."""
    host, port = place()
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    try:
        socket.create_connection((host, port), 1).close()
    except OSError:
        pass
    else:
        print(f"A server listens at {host}:{port} already; it is left alone.", flush=True)
        while not ended.wait(0.2):
            pass
        return 0
    options = ["--address", host, "--port", "0", "--http-port", str(port), "--log", "Warning"]
    with subprocess.Popen([*server_command(), "serve", *options]) as server:
        while not ended.wait(0.2) and server.poll() is None:
            pass
        server.terminate()
        return server.wait() if not ended.is_set() else 0


if __name__ == "__main__":
    sys.exit(main())
