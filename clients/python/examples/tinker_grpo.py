"""Trains a vision-language model by GRPO with Tinker's cookbook, on tasks of one step or of several.

    pip install tinker-cookbook && pip install clients/python
    ./physintuition serve &
    TINKER_API_KEY=... python3 clients/python/examples/tinker_grpo.py --model Qwen/Qwen3-VL-30B-A3B-Instruct

The environment runs here, beside the server; only tokens and pictures go to Tinker.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from physintuition.integrations import tinker  # noqa: E402


def dataset_settings(arguments: argparse.Namespace) -> dict[str, Any]:
    """Arguments of `physintuition.integrations.tinker.TaskDataset` but the renderer."""
    return {"batches": arguments.batches, "groups_per_batch": arguments.groups, "group_size": 8,
            "arguments": {"max_trajectory_tokens": 16_384}, "task": arguments.task, "address": arguments.address}


def configuration(arguments: argparse.Namespace) -> Any:
    """The cookbook's configuration of a training by reinforcement."""
    import chz
    from tinker_cookbook import model_info, renderers
    from tinker_cookbook.image_processing_utils import get_image_processor
    from tinker_cookbook.rl.train import Config
    from tinker_cookbook.rl.types import RLDatasetBuilder
    from tinker_cookbook.tokenizer_utils import get_tokenizer

    name = model_info.get_recommended_renderer_name(arguments.model)

    @chz.chz
    class Builder(RLDatasetBuilder):
        async def __call__(self) -> tuple[Any, None]:
            renderer = renderers.get_renderer(
                name, tokenizer=get_tokenizer(arguments.model), image_processor=get_image_processor(arguments.model))
            return tinker.TaskDataset(renderer, **dataset_settings(arguments)), None

    return Config(
        learning_rate=4e-5, dataset_builder=Builder(), model_name=arguments.model, recipe_name="physintuition",
        renderer_name=name, lora_rank=32, max_tokens=512, log_path=arguments.out)


def parse(words: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--address", help="of the server; else PHYSINTUITION_SERVER, or 127.0.0.1:50051")
    parser.add_argument("--model", default="Qwen/Qwen3-VL-30B-A3B-Instruct")
    parser.add_argument("--task", default="OffsetRetry-v1")
    parser.add_argument("--batches", type=int, default=100)
    parser.add_argument("--groups", type=int, default=32)
    parser.add_argument("--out", default="tinker-run")
    return parser.parse_args(words)


def main() -> None:
    arguments = parse()
    try:
        config = configuration(arguments)
        from tinker_cookbook.rl.train import main as train
    except ImportError as missing:
        sys.exit(f"tinker_grpo.py needs Tinker's cookbook: {missing}. Install it: pip install tinker-cookbook.")
    asyncio.run(train(config))


if __name__ == "__main__":
    main()
