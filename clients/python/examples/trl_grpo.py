"""Trains a vision-language model by GRPO with TRL; the rewards come from the server.

    pip install "trl[vlm]" datasets && pip install clients/python
    ./physintuition serve &
    python3 clients/python/examples/trl_grpo.py --model Qwen/Qwen2.5-VL-3B-Instruct --task Stability-v1

One-step tasks: a dataset of pictures and questions, and one call that scores a whole batch of completions. With
``--turns`` the model answers through a tool and sees what came of it, as in OffsetRetry-v1.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from physintuition.integrations import trl as bridge  # noqa: E402


def trainer_settings(arguments: argparse.Namespace) -> dict[str, Any]:
    """What of the trainer's arguments is ours: rewards, and the environments of a task of several turns."""
    if arguments.turns:
        factory = bridge.environment_factory(arguments.task, address=arguments.address)
        return {"environment_factory": factory, "reward_funcs": [bridge.episode_reward]}
    return {"reward_funcs": [bridge.reward_function(arguments.task, address=arguments.address)]}


def dataset_settings(arguments: argparse.Namespace) -> dict[str, Any]:
    """Arguments of `physintuition.integrations.trl.dataset`."""
    return {"task": arguments.task, "count": arguments.rows, "address": arguments.address}


def parse(words: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--address", default="127.0.0.1:50051")
    parser.add_argument("--model", default="Qwen/Qwen2.5-VL-3B-Instruct")
    parser.add_argument("--task", default="Stability-v1")
    parser.add_argument("--rows", type=int, default=4096)
    parser.add_argument("--turns", action="store_true", help="play tasks of several steps through a tool")
    parser.add_argument("--output", default="grpo-output")
    return parser.parse_args(words)


def main() -> None:
    arguments = parse()
    try:
        from datasets import Dataset
        from trl import GRPOConfig, GRPOTrainer
    except ImportError as missing:
        sys.exit(f"trl_grpo.py needs TRL: {missing}. Install it: pip install 'trl[vlm]' datasets.")

    rows = Dataset.from_generator(bridge.dataset, gen_kwargs=dataset_settings(arguments))
    config = GRPOConfig(
        output_dir=arguments.output, num_generations=8, per_device_train_batch_size=8, max_completion_length=256,
        learning_rate=1e-6, logging_steps=1)
    GRPOTrainer(model=arguments.model, args=config, train_dataset=rows, **trainer_settings(arguments)).train()


if __name__ == "__main__":
    main()
