"""Signatures of observables are read by programs that compute nothing; those must start quickly."""

import subprocess
import sys


def test_observables_are_described_without_a_solver():
    code = (
        "import sys; from spinstack.observables.registry import observables; assert observables()['torque'].arguments; "
        "print([m for m in ('jax', 'xarray', 'pint', 'h5py', 'scipy') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
