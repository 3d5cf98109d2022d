"""Builds the native kernel into the wheel where a C++ compiler is found; installs without it where none is."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

NAME = f"libspinstack_kernel{'.dylib' if sys.platform == 'darwin' else '.so'}"


class KernelHook(BuildHookInterface):
    """Adds the library to the wheel, which then is one of this platform but of any Python version."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile, or say why not."""
        word = os.environ.get("SPINSTACK_BUILD_KERNEL", "")
        if word not in ("", "on", "off"):
            raise SystemExit(f"SPINSTACK_BUILD_KERNEL: got {word!r}. Allowed: on, off, or nothing")
        if self.target_name != "wheel" or word == "off":
            return
        compiler = os.environ.get("CXX") or next(filter(shutil.which, ("c++", "g++", "clang++")), None)
        if compiler is None or sys.platform == "win32":
            self._without("no C++ compiler found")
            return
        library = self._folder(compiler) / NAME
        if not library.is_file():
            script = str(Path(self.root, "kernel", "build.sh"))
            environment = {**os.environ, "CXX": compiler}
            made = subprocess.run(["sh", script, str(library.parent)], env=environment, capture_output=True, text=True)
            if made.returncode:
                self._without(f"{compiler} failed\n{made.stderr[-2000:]}")
                return
        if version == "editable":
            shutil.copy(library, Path(self.root, "src", "spinstack", "circuit", NAME))
            return
        build_data["force_include"][str(library)] = f"spinstack/circuit/{NAME}"
        build_data["pure_python"] = False
        build_data["tag"] = f"py3-none-{_platform()}"

    def _without(self, why: str) -> None:
        if os.environ.get("SPINSTACK_BUILD_KERNEL") == "on":
            raise SystemExit(f"spinstack: the native kernel was asked for: {why}")
        self.app.display_warning(f"spinstack: installing without the native kernel: {why}")

    def _folder(self, compiler: str) -> Path:
        """Where this compiler's library of these sources is kept between installations."""
        asked = [compiler, "--version"]
        told = subprocess.run(asked, capture_output=True, text=True) if shutil.which(compiler) else None
        digest = hashlib.sha256(
            repr((compiler, told and told.stdout, sys.platform, os.environ.get("CXXFLAGS"))).encode()
        )
        for file in sorted(Path(self.root, "kernel").rglob("*.*")):
            digest.update(file.read_bytes())
        return Path(self.root, "build", f"kernel-{digest.hexdigest()[:16]}")


def _platform() -> str:
    """This machine's wheel tag."""
    from packaging.tags import platform_tags

    return next(iter(platform_tags()))
