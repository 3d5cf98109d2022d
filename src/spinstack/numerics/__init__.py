"""What every calculation shares: constants of nature, 3x3 algebra, functions of thickness over length.

`constants` is plain Python, `arrays` NumPy. Everything else computes with JAX and begins with
:mod:`spinstack.numerics.compiler`.
"""
