"""Random films over all that the checks accept: finite, Onsager, no gained energy, and how fast they are judged.

python benchmarks/passivity.py [films, default 100000] [seed, default 0]
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "builders"))

from film_batches import verdict

AT_ONCE = 20_000


def main(count: int, seed: int) -> None:
    rng, start = np.random.default_rng(seed), time.perf_counter()
    infinite, onsager, gained, done = 0, 0.0, 0.0, 0
    while done < count:
        found = verdict(rng, size := min(AT_ONCE, count - done))
        infinite, onsager, gained = infinite + found.infinite, max(onsager, found.onsager), max(gained, found.gained)
        done += size
        print(
            f"{done:9d} films, {time.perf_counter() - start:6.0f} s: {infinite} not finite, Onsager broken by at most "
            f"{onsager:.1e}, energy gained at most {gained:.1e} of the conductance",
            flush=True,
        )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000, int(sys.argv[2]) if len(sys.argv) > 2 else 0)
