"""Builds the native kernel into the wheel where a C++ compiler is found; installs without it where none is."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

NAME = "libspinstack_kernel.so"


class KernelHook(BuildHookInterface):
    """Adds the library to the wheel, which then is one of this platform but of any Python version."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile, or say why not."""
        if self.target_name != "wheel" or os.environ.get("SPINSTACK_BUILD_KERNEL") == "off":
            return
        compiler = os.environ.get("CXX") or next(filter(shutil.which, ("c++", "g++", "clang++")), None)
        if compiler is None or sys.platform == "win32":
            self.app.display_warning("spinstack: no C++ compiler found, installing without the native kernel")
            return
        self._folder = tempfile.TemporaryDirectory()
        made = subprocess.run(
            ["sh", str(Path(self.root, "kernel", "build.sh")), self._folder.name],
            env={**os.environ, "CXX": compiler},
            capture_output=True,
            text=True,
        )
        if made.returncode:
            self.app.display_warning(f"spinstack: installing without the native kernel\n{made.stderr[-2000:]}")
            return
        library = Path(self._folder.name, NAME)
        if version == "editable":
            shutil.copy(library, Path(self.root, "src", "spinstack", "circuit", NAME))
            return
        build_data["force_include"][str(library)] = f"spinstack/circuit/{NAME}"
        build_data["pure_python"] = False
        build_data["tag"] = f"py3-none-{_platform()}"


def _platform() -> str:
    """This machine's wheel tag."""
    from packaging.tags import platform_tags

    return next(iter(platform_tags()))
