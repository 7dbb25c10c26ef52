"""What TRL's trainers take; see `physintuition.integrations.trl`, where it is."""

from .integrations.trl import TaskEnvironment, dataset, environment_factory, episode_reward, reward_function

__all__ = ["TaskEnvironment", "dataset", "environment_factory", "episode_reward", "reward_function"]
