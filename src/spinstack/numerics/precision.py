"""64-bit JAX with a cache of compiled code, in force once this module is imported.

Unless a cache folder is already set, compiled code is kept in the user's cache folder.
"""

import os

import jax

from spinstack.numerics.folder import compiled_programs

jax.config.update("jax_enable_x64", True)
if jax.config.values["jax_compilation_cache_dir"] is None and "JAX_COMPILATION_CACHE_DIR" not in os.environ:
    jax.config.update("jax_compilation_cache_dir", compiled_programs())
    jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.1)
