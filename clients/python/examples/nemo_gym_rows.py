"""Writes what NeMo Gym reads: a resources server that is PhysIntuition's own port, and rows with pictures.

    pip install clients/python && ./physintuition serve &
    python3 clients/python/examples/nemo_gym_rows.py --task Stability-v1 --out Gym/resources_servers/physintuition
    cd Gym && gym env start --resources-server physintuition --model-type vllm_model &
    gym eval run --no-serve --agent physintuition_simple_agent --limit 8 --output rollouts.jsonl \\
        --input resources_servers/physintuition/data/train.jsonl

``Gym`` is a checkout of https://github.com/NVIDIA-NeMo/Gym. NeMo RL trains on the same rows and the same server.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from physintuition.integrations import nemo_gym  # noqa: E402

APP = """\
import sys

from physintuition.integrations.nemo_gym import main

sys.exit(main())
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--address", help="of the server; else PHYSINTUITION_SERVER, or 127.0.0.1:50051")
    parser.add_argument("--task", default="Stability-v1")
    parser.add_argument("--split", default="train")
    parser.add_argument("--rows", type=int, default=4096)
    parser.add_argument("--out", default="physintuition")
    arguments = parser.parse_args()
    out = Path(arguments.out)
    for folder in (out / "configs", out / "data"):
        folder.mkdir(parents=True, exist_ok=True)
    (out / "app.py").write_text(APP)
    client = Path(__file__).resolve().parent.parent
    (out / "requirements.txt").write_text(f"-e nemo-gym[dev] @ ../../\nphysintuition @ {client.as_uri()}\npyyaml\n")
    (out / "configs/physintuition.yaml").write_text(nemo_gym.CONFIG)
    path = out / "data" / f"{arguments.split}.jsonl"
    with open(path, "w") as file:
        for row in nemo_gym.dataset(arguments.task, arguments.rows, split=arguments.split, address=arguments.address):
            file.write(json.dumps(row) + "\n")
    print(f"{path}: {arguments.rows} rows of {arguments.task}")


if __name__ == "__main__":
    main()
