"""From the meter to numbers: reading, cleaning, analysing measured magnetotransport. Knows nothing of the solvers."""
