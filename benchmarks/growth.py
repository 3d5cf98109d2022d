"""How time grows with the number of layers, and the memory of a sweep over ten million films. Aims: linear, 1 GiB."""

import subprocess
import sys

from common import one_core, random_films, seconds

FILMS = 16384
CHILD = """
import resource, tempfile
from functools import partial
import numpy as np
import spinstack as ss
nm = 1e-9
film = (
    ss.Metal("Pt", thickness=5 * nm, conductivity=4e6, spin_diffusion_length=2 * nm, spin_hall_angle=0.1)
    | ss.Interface(conductance_up=5e14, conductance_down=3e14, mixing_conductance=6e14)
    | ss.Ferromagnet("Co", thickness=3 * nm, conductivity=5e6, polarization=0.4, spin_diffusion_length=5 * nm)
)
over = {"Pt.thickness": np.linspace(1, 9, %d) * nm, "Co.thickness": np.linspace(1, 9, 1000) * nm}
with tempfile.TemporaryDirectory() as folder:
    ss.sweep(film, over, partial(ss.magnetoresistance, plane="beta"), path=folder + "/map.nc")
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20)
"""


def main() -> None:
    """Print medians and the peak memory."""
    # first, while this process is small: a child's peak counts from the size of its parent
    points = int(float(sys.argv[1])) if len(sys.argv) > 1 else 10_000_000
    done = subprocess.run([sys.executable, "-c", CHILD % (points // 1000)], capture_output=True, text=True, check=True)
    print(f"sweep over {points:.0e} films: peak memory {float(done.stdout):.2f} GiB")
    core = one_core()
    import spinstack as ss

    print(f"{FILMS} random noncollinear films, 2x2 tensor, core {core}")
    for layers in (2, 4, 8, 16, 32):
        film, m = random_films(layers, FILMS)
        whole, _ = seconds(lambda film=film, m=m: ss.sheet_conductance(film, m=m), 5)
        each = 1e6 * whole / FILMS
        print(f"{layers:3d} layers: {each:6.2f} us/film, {each / (2 * layers - 1):.3f} us per element")


if __name__ == "__main__":
    main()
