"""Trains a vision-language model by GRPO with verl, on tasks of one step or of several.

    pip install verl && pip install clients/python
    ./physintuition serve &
    python3 clients/python/examples/verl_grpo.py --model Qwen/Qwen2.5-VL-3B-Instruct --task OffsetRetry-v1

It writes rows and the list of agent loops, then starts verl on them; ``--prepare`` only writes, and prints the command.
Further words behind ``--`` are verl's own overrides.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import shlex
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from physintuition.integrations import verl  # noqa: E402


def prepare(arguments: argparse.Namespace) -> list[str]:
    """Writes what verl reads; returns the command."""
    out = Path(arguments.out).resolve()
    out.mkdir(parents=True, exist_ok=True)
    for name, split, rows in (("train.json", "train", arguments.rows), ("val.json", "val", 64)):
        with open(out / name, "w") as file:
            for row in verl.dataset(arguments.task, rows, split=split, address=arguments.address):
                file.write(json.dumps(row) + "\n")
    target = "physintuition.integrations.verl.TaskAgentLoop"
    (out / "agents.yaml").write_text(f"- name: {verl.NAME}\n  _target_: {target}\n")
    rollout = "actor_rollout_ref.rollout"
    return [
        sys.executable, "-m", "verl.trainer.main_ppo", "algorithm.adv_estimator=grpo",
        "algorithm.use_kl_in_reward=False",
        f"data.train_files={out / 'train.json'}", f"data.val_files={out / 'val.json'}", "data.return_raw_chat=True",
        "data.train_batch_size=64", "data.max_prompt_length=1024", "data.max_response_length=2048",
        f"actor_rollout_ref.model.path={arguments.model}", f"{rollout}.name=vllm", f"{rollout}.mode=async",
        f"{rollout}.n=8", f"{rollout}.multi_turn.enable=True", f"{rollout}.multi_turn.max_assistant_turns=8",
        f"{rollout}.agent.agent_loop_config_path={out / 'agents.yaml'}", "trainer.logger=[console]",
        *arguments.overrides,
    ]


def parse(words: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--address", help="of the server; else PHYSINTUITION_SERVER, or 127.0.0.1:50051")
    parser.add_argument("--model", default="Qwen/Qwen2.5-VL-3B-Instruct")
    parser.add_argument("--task", default="OffsetRetry-v1")
    parser.add_argument("--rows", type=int, default=4096)
    parser.add_argument("--out", default="verl-run")
    parser.add_argument("--prepare", action="store_true", help="write the files, print the command, and end")
    parser.add_argument("overrides", nargs="*")
    return parser.parse_args(words)


def main() -> int:
    arguments = parse()
    if not arguments.prepare and importlib.util.find_spec("verl") is None:
        sys.exit("verl_grpo.py needs verl: pip install verl; --prepare writes its files without.")
    command = prepare(arguments)
    print(shlex.join(command), flush=True)
    return 0 if arguments.prepare else subprocess.call(command)


if __name__ == "__main__":
    sys.exit(main())
