"""Commented sample files to start from."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from spinstack.text.plain import visible

Template = Literal["bilayer", "insulator", "torque", "fit"]
_FOLDER = Path(__file__).parent / "starters"


def starter(template: Template, name: str) -> str:
    """The text of a sample file that calls itself `name`."""
    return (_FOLDER / f"{template}.toml").read_text(encoding="utf-8").replace("{name}", visible(name))
