"""Trains a vision-language model by GRPO with SkyRL, on tasks of one step or of several.

    git clone https://github.com/NovaSky-AI/SkyRL && cd SkyRL
    ../physintuition serve &
    uv run --isolated --extra fsdp --with ../clients/python \\
        python ../clients/python/examples/skyrl_grpo.py --model Qwen/Qwen3-VL-8B-Instruct --task OffsetRetry-v1

It writes rows and trains on them; ``--prepare`` only writes, and prints the overrides. Further words behind ``--`` are
SkyRL's own overrides.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from physintuition.integrations import skyrl  # noqa: E402


def prepare(arguments: argparse.Namespace) -> list[str]:
    """Writes what SkyRL reads; returns its overrides."""
    out = Path(arguments.out).resolve()
    out.mkdir(parents=True, exist_ok=True)
    for name, split, rows in (("train.jsonl", "train", arguments.rows), ("val.jsonl", "val", 64)):
        with open(out / name, "w") as file:
            for row in skyrl.dataset(arguments.task, rows, split=split, address=arguments.address):
                file.write(json.dumps(row) + "\n")
    return [
        f"data.train_data=['{out / 'train.jsonl'}']", f"data.val_data=['{out / 'val.jsonl'}']",
        f"environment.env_class={skyrl.NAME}", f"trainer.policy.model.path={arguments.model}",
        "trainer.algorithm.advantage_estimator=grpo", "trainer.placement.colocate_all=true", "trainer.strategy=fsdp",
        "trainer.remove_microbatch_padding=false", "generator.vision_language_generator=true",
        "generator.batched=false", "generator.n_samples_per_prompt=8", "generator.max_turns=8",
        "generator.max_input_length=8192", "generator.sampling_params.max_generate_length=512",
        "trainer.logger=console", f"trainer.ckpt_path={out}", *arguments.overrides,
    ]


def train(overrides: list[str]) -> None:
    """As SkyRL's own entry points: the environment is registered where the experiment runs."""
    import ray
    from skyrl.train.config import SkyRLTrainConfig
    from skyrl.train.entrypoints.main_base import BasePPOExp
    from skyrl.train.utils import validate_cfg
    from skyrl.train.utils.utils import initialize_ray

    @ray.remote(num_cpus=1)
    def run(config: SkyRLTrainConfig) -> None:
        skyrl.register()
        BasePPOExp(config).run()

    config = SkyRLTrainConfig.from_cli_overrides(overrides)
    validate_cfg(config)
    initialize_ray(config)
    ray.get(run.remote(config))


def parse(words: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--address", help="of the server; else PHYSINTUITION_SERVER, or 127.0.0.1:50051")
    parser.add_argument("--model", default="Qwen/Qwen3-VL-8B-Instruct")
    parser.add_argument("--task", default="OffsetRetry-v1")
    parser.add_argument("--rows", type=int, default=4096)
    parser.add_argument("--out", default="skyrl-run")
    parser.add_argument("--prepare", action="store_true", help="write the rows, print the overrides, and end")
    parser.add_argument("overrides", nargs="*")
    return parser.parse_args(words)


def main() -> None:
    arguments = parse()
    overrides = prepare(arguments)
    print(*overrides, sep="\n", flush=True)
    if arguments.prepare:
        return
    try:
        train(overrides)
    except ImportError as missing:
        sys.exit(f"skyrl_grpo.py needs SkyRL: {missing}. Run it in a checkout of SkyRL; --prepare writes rows without.")


if __name__ == "__main__":
    main()
