"""The same episode, bit for bit, from servers that compute it in different ways."""

from __future__ import annotations

import hashlib
import json
import os
import unittest

import physintuition

from . import serving

_TASKS = ("Stability-v1", "Offset-v1")
_VARIANTS = {
    "one thread, widest lanes": (("--threads", "1"), {}),
    "eight threads, one lane": (("--threads", "8", "--lanes", "1"), {}),
    "two threads, eight lanes": (("--threads", "2", "--lanes", "8"), {}),
    "without hardware intrinsics": (("--threads", "2"), {"DOTNET_EnableHWIntrinsic": "0"}),
}


def _episodes(address: str) -> str:
    """A digest of scenes, outcomes, rewards and PNG files of some episodes."""
    digest = hashlib.sha256()
    with physintuition.Client(address) as client:
        for task in _TASKS:
            names = ("rgb", "expert", "scene_hash", "outcome_hash")
            with client.make(task, 5, observe=names, size=(96, 80), encoding="png") as environment:
                start = environment.reset(40)
                step = environment.step(start["expert"])
                for observations in (start, step.observations):
                    for picture in observations["rgb"]:
                        digest.update(picture)
                    digest.update(observations["scene_hash"].tobytes())
                    digest.update(observations["outcome_hash"].tobytes())
                digest.update(json.dumps(step.rewards.tolist()).encode())
    return digest.hexdigest()


class DeterminismTests(unittest.TestCase):
    def test_threads_lanes_and_intrinsics_change_no_bit(self):
        expected = _episodes(serving.address())
        for name, (options, environment) in _VARIANTS.items():
            with self.subTest(name):
                before = dict(os.environ)
                os.environ.update(environment)
                try:
                    process, address = serving.start(*options)
                finally:
                    os.environ.clear()
                    os.environ.update(before)
                self.addCleanup(serving.stop, process)
                self.assertEqual(_episodes(address), expected)


if __name__ == "__main__":
    unittest.main()
