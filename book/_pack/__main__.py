"""Run by ``python book/_pack``: finds the package beside, whatever folder one is in."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from _pack.command import main

sys.exit(main())
