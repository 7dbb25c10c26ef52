"""``import physintuition`` registers the tasks with Gymnasium; where that is not installed, with a stand-in."""

from __future__ import annotations

import os
import subprocess
import sys
import unittest
from pathlib import Path

import physintuition
from physintuition import _gym
from physintuition._tasks import TASKS

from . import serving

_FOLDER = Path(__file__).resolve().parents[1]
_STAND_IN = "" if _gym.HAS_GYMNASIUM else str(_FOLDER / "tests/stand_in")


def run(program: str, address: str = "127.0.0.1:1") -> str:
    """What a program prints for which nobody listens, unless an address is given."""
    path = [str(_FOLDER), _STAND_IN, os.environ.get("PYTHONPATH", "")]
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=180,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, path)), "PHYSINTUITION_SERVER": address})
    if done.returncode:
        raise AssertionError(done.stderr)
    return done.stdout


class RegistrationTests(unittest.TestCase):
    def test_the_tasks_that_are_known_without_a_server_are_the_servers(self):
        with serving.client() as client:
            self.assertEqual({task.id: "state" in task.observations for task in client.tasks()}, TASKS)

    def test_import_registers_without_a_server_and_twice_is_quiet(self):
        ids = run(
            "import gymnasium, physintuition, warnings\n"
            "warnings.simplefilter('error')\n"
            "gymnasium.register_envs(physintuition)\n"
            "physintuition.register()\n"
            "print(*(name for name in gymnasium.registry if name.startswith('PhysIntuition/')))").split()
        self.assertEqual(len(ids), len(TASKS) + sum(TASKS.values()))
        self.assertLess({"PhysIntuition/Stability-v1", "PhysIntuition/Stability-state-v1"}, set(ids))

    def test_module_prefix_imports_and_the_environment_names_the_server(self):
        printed = run(
            "import gymnasium\n"
            "env = gymnasium.make('physintuition:PhysIntuition/Stability-v1')\n"
            "print(env.reset(seed=1)[0].shape)\n"
            "envs = gymnasium.make_vec('physintuition:PhysIntuition/Offset-state-v1', num_envs=3)\n"
            "print(envs.reset(seed=1)[0].shape, envs.observation_space.shape, envs.single_observation_space.shape)",
            f"http://{serving.address()}")
        self.assertEqual(printed, "(224, 224, 3)\n(3, 320) (3, 320) (320,)\n")

    def test_registered_address_is_kept_until_an_argument_names_another(self):
        printed = run(
            "import gymnasium, physintuition\n"
            f"names = physintuition.register('http://{serving.address()}')\n"
            "print(gymnasium.make('PhysIntuition/Stability-v1', size=(32, 32)).reset(seed=1)[0].shape)\n"
            "try:\n"
            "    gymnasium.make('PhysIntuition/Stability-v1', address='127.0.0.1:1')\n"
            "except physintuition.PhysIntuitionError as error:\n"
            "    print(error)\n"
            "physintuition.register()\n"
            "try:\n"
            "    gymnasium.make('PhysIntuition/Stability-v1')\n"
            "except physintuition.PhysIntuitionError as error:\n"
            "    print(error)\n")
        self.assertRegex(printed, r"^\(32, 32, 3\)\n(Nobody listens at 127.0.0.1:1. .*\n){2}$")

    def test_entry_point_that_nothing_reads_is_gone(self):
        self.assertNotIn("gymnasium.envs", (_FOLDER / "pyproject.toml").read_text())

    @unittest.skipIf(_gym.HAS_GYMNASIUM, "Gymnasium is installed.")
    def test_register_without_gymnasium_says_what_to_install(self):
        with self.assertRaisesRegex(ImportError, "Install gymnasium"):
            physintuition.register()


@unittest.skipUnless(_gym.HAS_GYMNASIUM, "Gymnasium is not installed; its own vector environments cannot run.")
class GymnasiumsVectorTests(unittest.TestCase):
    def test_workers_of_every_start_method_find_the_tasks(self):
        for method in ("fork", "spawn", "forkserver"):
            with self.subTest(method):
                printed = run(
                    "import gymnasium\n"
                    "if __name__ == '__main__':\n"
                    "    envs = gymnasium.make_vec('physintuition:PhysIntuition/Offset-v1', num_envs=2, "
                    f"vectorization_mode='async', vector_kwargs={{'context': '{method}'}}, "
                    "observe=('prompt', 'state'))\n"
                    "    envs.reset(seed=1)\n"
                    "    for _ in range(20):\n"
                    "        envs.step(envs.action_space.sample())\n"
                    "    envs.close()\n"
                    "    print('played')\n", serving.address())
                self.assertEqual(printed, "played\n")

    def test_the_usual_wrappers_of_single_file_learners_fit(self):
        printed = run(
            "import gymnasium as gym, numpy as np, physintuition\n"
            "def thunk(seed):\n"
            "    def make():\n"
            "        env = gym.make('PhysIntuition/Offset-state-v1')\n"
            "        env = gym.wrappers.FlattenObservation(env)\n"
            "        env = gym.wrappers.RecordEpisodeStatistics(env)\n"
            "        env = gym.wrappers.ClipAction(env)\n"
            "        env = gym.wrappers.NormalizeObservation(env)\n"
            "        return gym.wrappers.NormalizeReward(env)\n"
            "    return make\n"
            "envs = gym.vector.SyncVectorEnv([thunk(i) for i in range(2)])\n"
            "envs.reset(seed=1)\n"
            "for _ in range(4):\n"
            "    observations, *_ = envs.step(np.array([envs.single_action_space.sample() for _ in range(2)]))\n"
            "envs.close()\n"
            "print(observations.shape)\n", serving.address())
        self.assertEqual(printed, "(2, 320)\n")


if __name__ == "__main__":
    unittest.main()
