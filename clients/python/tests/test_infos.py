from __future__ import annotations

import copy
import gc
import json
import pickle
import unittest
import weakref

import numpy as np

import physintuition
from physintuition import wire
from physintuition._infos import LazyInfos
from physintuition.v1 import environment_pb2 as pb

from . import serving

_FACTS = {"verdict": [1, 2], "_verdict": [True, True]}


def lazy() -> LazyInfos:
    return LazyInfos(lambda: dict(_FACTS))


class LazyInfosTests(unittest.TestCase):
    def test_nothing_is_read_before_somebody_looks_and_then_once(self):
        reads = []
        infos = LazyInfos(lambda: reads.append(1) or dict(_FACTS))
        self.assertEqual(reads, [])
        self.assertEqual((infos["verdict"], len(infos)), ([1, 2], 2))
        self.assertEqual(reads, [1])

    def test_whatever_is_asked_first_finds_the_facts(self):
        looks = {
            "dict": dict, "display": lambda it: {**it}, "arguments": lambda it: dict(**it), "copy": copy.copy,
            "method": lambda it: it.copy(), "deep": copy.deepcopy, "pickle": lambda it: pickle.loads(pickle.dumps(it)),
            "or": lambda it: it | {}, "ror": lambda it: {} | it, "items": lambda it: dict(it.items()),
            "pairs": lambda it: dict(zip(it.keys(), it.values())), "names": lambda it: {name: it[name] for name in it},
            "backwards": lambda it: {name: it.get(name) for name in reversed(it)}, "pop": lambda it: {
                "verdict": it.pop("verdict"), "_verdict": it.pop("_verdict")}, "default": lambda it: {
                name: it.setdefault(name, None) for name in _FACTS},
        }
        for name, look in looks.items():
            with self.subTest(name):
                self.assertEqual(dict(look(lazy())), _FACTS)
        into: dict = {"verdict": 0}
        into.update(lazy())
        into |= lazy()
        self.assertEqual(into, _FACTS)
        self.assertTrue(lazy() == _FACTS and _FACTS == lazy() and not lazy() != _FACTS and lazy() == lazy())
        self.assertTrue(bool(lazy()) and "verdict" in lazy() and isinstance(lazy(), dict))
        self.assertEqual(repr(lazy()), repr(_FACTS))

    def test_what_is_added_before_somebody_looks_is_kept(self):
        infos = lazy()
        infos["episode"] = 3
        infos |= {"more": 4}
        infos.update(verdict=5)
        del infos["_verdict"]
        self.assertEqual(infos, {"verdict": 5, "episode": 3, "more": 4})


class PackedTextsTests(unittest.TestCase):
    def test_packed_texts_are_read_as_listed_ones_are(self):
        rows = ['{"verdict":"Größer \u2192 3"}', "", '{"verdict":null,"distance":0.5}']
        parts = [row.encode() for row in rows]
        packed = {"packed": b"".join(parts), "ends": np.cumsum([*map(len, parts)]).astype("<u4").tobytes()}
        for name in ("info", "prompt"):
            listed, one = (
                wire.read([pb.Observation(name=name, texts=texts)])[name]
                for texts in (pb.Texts(values=rows), pb.Texts(**packed)))
            self.assertEqual((list(one), one[1:], len(one)), (list(listed), listed[1:], 3))
        infos = wire.Infos(*packed.values(), ())
        self.assertEqual((len(infos), infos[-1].text), (3, rows[-1]))
        self.assertEqual(wire.Infos(*packed.values(), ()).all(), [json.loads(row or "null") for row in rows])

    def test_a_reply_without_rows_has_no_texts(self):
        self.assertEqual((len(wire.Infos(b"", b"", ())), wire.Infos(b"", b"", ()).all()), (0, []))


class VectorInfosTests(unittest.TestCase):
    def make(self, **settings):
        env = physintuition.make_vec("Offset-v1", 3, address=serving.address(), size=(32, 32), **settings)
        self.addCleanup(env.close)
        return env

    def test_infos_of_a_step_are_that_steps_whenever_they_are_read(self):
        late, soon = (self.make(autoreset_mode="Disabled") for _ in range(2))
        kept = []
        for seed in range(6):  # More often than there are buffers.
            for env in (late, soon):
                env.reset(seed=seed)
            action = np.full((3, 2), 0.1 * seed, np.float32)
            kept.append((late.step(action)[-1], dict(soon.step(action)[-1])))
        for infos, expected in kept:
            self.assertEqual(set(infos), set(expected))
            np.testing.assert_array_equal(infos["distance"], expected["distance"])
            self.assertEqual(infos["verdict"].tolist(), expected["verdict"].tolist())

    def test_whoever_keeps_infos_keeps_no_pictures(self):
        env = self.make(copy=False)
        env.reset(seed=0)
        pictures, *_, infos = env.step(np.zeros((3, 2), np.float32))
        gone = weakref.ref(pictures)
        env._last = None
        del pictures
        gc.collect()
        self.assertIsNone(gone())
        self.assertEqual(infos["verdict"].shape, (3,))

    def test_final_observations_are_the_callers_own_even_where_others_are_not(self):
        env = self.make(autoreset_mode="SameStep", copy=False)
        env.reset(seed=0)
        final = env.step(np.zeros((3, 2), np.float32))[-1]["final_obs"]
        kept = [picture.copy() for picture in final]
        for _ in range(6):
            env.step(np.zeros((3, 2), np.float32))
        for picture, before in zip(final, kept):
            np.testing.assert_array_equal(picture, before)


if __name__ == "__main__":
    unittest.main()
