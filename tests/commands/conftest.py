"""The commands are scripts of the standard library outside any package: their folder joins the path here."""

import sys
from pathlib import Path

BIN = Path(__file__).resolve().parents[2] / "bin"
sys.path.insert(0, str(BIN))
