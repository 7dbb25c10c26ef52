"""The first program of the README runs as printed."""

from __future__ import annotations

import re
import subprocess
import sys
import unittest
from pathlib import Path

from . import serving

_FOLDER = Path(__file__).resolve().parents[1]


class ReadmeTests(unittest.TestCase):
    def test_first_program_is_short_and_runs(self):
        program = re.search(r"```python\n(.*?)```", (_FOLDER / "README.md").read_text(), re.S).group(1)
        self.assertLessEqual(len(program.splitlines()), 15)
        program = program.replace('make("Stability-v1")', f'make("Stability-v1", address="{serving.address()}")')
        run = subprocess.run([sys.executable, "-c", program], cwd=_FOLDER, capture_output=True, text=True, timeout=300)
        self.assertEqual(run.returncode, 0, run.stderr)
        self.assertRegex(run.stdout, r"^[01]\.0 (Right|Wrong)")


if __name__ == "__main__":
    unittest.main()
