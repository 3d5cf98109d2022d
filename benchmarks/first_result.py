"""From typing `spinstack run` to the end of the run: with an empty compilation cache, and again. Aims: 10 s and 3 s.

Usage: python benchmarks/first_result.py [SAMPLE.toml]. Without an argument the film of examples/ruo2_py.toml is run
with nothing asked for, which gives the scan in three planes and a profile.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

EXAMPLE = Path(__file__).parents[1] / "examples" / "ruo2_py.toml"


def run(sample: Path, folder: Path, cache: Path) -> tuple[float, float]:
    """Wall time until the first result file is there, and until the program ends [s]."""
    out = folder / "out"
    shutil.rmtree(out, ignore_errors=True)
    environment = os.environ | {"XDG_CACHE_HOME": str(cache)}  # the folder of our own programs
    code = "import sys; from spinstack.cli import main; sys.exit(main())"
    start = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-c", code, "run", str(sample), "-o", str(out)],
        env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    first = None
    while process.poll() is None:
        if first is None and any(out.glob("*.nc")):
            first = time.perf_counter() - start
        time.sleep(0.005)
    if process.returncode:
        raise SystemExit(f"spinstack run ended with {process.returncode}")
    return first or time.perf_counter() - start, time.perf_counter() - start


def main(repeats: int = 5) -> None:
    """Print medians."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if len(sys.argv) > 1:
            sample = Path(sys.argv[1])
        else:
            text = EXAMPLE.read_text(encoding="utf-8")
            sample = folder / "film.toml"
            sample.write_text(text[: text.index("[[scan]]")], encoding="utf-8")
        cold = [run(sample, folder, folder / f"cache{i}") for i in range(repeats)]
        warm = [run(sample, folder, folder / "cache0") for _ in range(repeats)]
        for words, times in (("cold", cold), ("warm", warm)):
            first, whole = (median(t) for t in zip(*times, strict=True))
            print(
                f"{words}: first result after {first:.1f} s, end of the run after {whole:.1f} s (medians of {repeats})"
            )


if __name__ == "__main__":
    main()
