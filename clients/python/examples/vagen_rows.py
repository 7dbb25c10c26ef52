"""Writes what VAGEN reads: its list of environments, for a training that asks PhysIntuition's HTTP port.

    ./physintuition serve &
    pip install clients/python
    echo 'from physintuition.integrations import vagen as _ours; _ours.register()' >>VAGEN/vagen/env/__init__.py
    python3 clients/python/examples/vagen_rows.py --task OffsetRetry-v1 --out VAGEN/physintuition.yaml
    cd VAGEN && python -m vagen.env.create_dataset --yaml_path physintuition.yaml \\
        --train_path data/train.parquet --test_path data/test.parquet

Then ``python3 -m vagen.trainer.main_ppo`` as in VAGEN's own examples, with the words that this program prints.
``VAGEN`` is a checkout of https://github.com/RAGEN-AI/VAGEN; it knows the environments of its registry, hence the line
above.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from physintuition._tasks import TASKS  # noqa: E402


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--url", default="http://127.0.0.1:8000/vagen", help="the server's HTTP port, and /vagen")
    parser.add_argument("--task", default="OffsetRetry-v1", choices=TASKS)
    parser.add_argument("--rows", type=int, default=4096)
    parser.add_argument("--out", default="physintuition.yaml")
    arguments = parser.parse_args()
    environment = {"env_name": arguments.task, "env_config": {"split": "train"}, "train_size": arguments.rows,
                   "test_size": 64}
    # JSON is YAML.
    Path(arguments.out).write_text(json.dumps({"env1": environment}, indent=2) + "\n")
    print("data.train_files=data/train.parquet data.val_files=data/test.parquet data.image_key=images",
          "rollout_manager.use_service=True", f"rollout_manager.base_url={arguments.url}",
          "rollout_manager.n_trajectory=8 rollout_manager.max_turns=8")


if __name__ == "__main__":
    main()
