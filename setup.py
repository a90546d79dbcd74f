"""Lists the compiled kernels; everything else is in pyproject.toml.

Environment switches (all optional):
  DEADLIGHT_OPENMP=0    build without OpenMP (one thread in every kernel)
  DEADLIGHT_DEBUG=1     bounds, initialisation and division checks on in every kernel
  DEADLIGHT_SANITIZE=1  address and undefined-behaviour sanitizers (GCC or Clang); the first finding ends the process
  DEADLIGHT_TRACE=1     lines of the kernels can be traced (.ci/coverage); very slow
  DEADLIGHT_EXT=a,b     build only these kernels (developers)
"""

import os
import sys
from pathlib import Path

import numpy as np
from Cython.Build import cythonize
from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext

EXT = Path("ext/deadlight")
DEBUG = os.environ.get("DEADLIGHT_DEBUG", "0") == "1"
TRACE = os.environ.get("DEADLIGHT_TRACE", "0") == "1"
SANITIZE = os.environ.get("DEADLIGHT_SANITIZE", "0") == "1"
SANITIZERS = ["-fsanitize=address,undefined", "-fno-sanitize-recover=undefined"]
OPENMP = os.environ.get("DEADLIGHT_OPENMP", "1") != "0" and sys.platform != "darwin"


class BuildKernels(build_ext):
    """Adds the optimisation and OpenMP flags of the compiler at hand; compiles on all cores."""

    def finalize_options(self):
        super().finalize_options()
        self.parallel = self.parallel or os.cpu_count()

    def build_extensions(self):
        unix = self.compiler.compiler_type != "msvc"
        for extension in self.extensions:
            # -ffp-contract=off: the same number with and without fused multiply-add in scalar code;
            # the batched kernels ask for FMA themselves.  No -ffast-math: NaN must stay visible.
            extension.extra_compile_args += (
                ["-O0" if TRACE else "-O3", "-fno-math-errno", "-fno-trapping-math"] if unix else ["/O2"]
            )
            if SANITIZE:
                extension.extra_compile_args += [*SANITIZERS, "-O1", "-g", "-fno-omit-frame-pointer"]
                extension.extra_link_args += SANITIZERS
            if OPENMP:
                extension.extra_compile_args += ["-fopenmp"] if unix else ["/openmp"]
                extension.extra_link_args += ["-fopenmp"] if unix else []
        super().build_extensions()


wanted = [name for name in os.environ.get("DEADLIGHT_EXT", "").split(",") if name]
sources = [path for path in sorted(EXT.glob("*.pyx")) if not wanted or path.stem in wanted]
headers = [str(path) for path in sorted(EXT.glob("*.h"))]
extensions = [
    Extension(
        f"deadlight.{path.stem}",
        [str(path)],
        include_dirs=[np.get_include(), str(EXT)],
        depends=headers,
        define_macros=[
            ("NPY_NO_DEPRECATED_API", "NPY_2_0_API_VERSION"),
            ("NPY_TARGET_VERSION", "NPY_2_0_API_VERSION"),
            *([("CYTHON_TRACE", "1"), ("CYTHON_TRACE_NOGIL", "1")] if TRACE else []),
        ],
    )
    for path in sources
]
directives = {
    "language_level": "3",
    "boundscheck": DEBUG,
    "wraparound": False,
    "initializedcheck": DEBUG,
    "cdivision": not DEBUG,
    "embedsignature": True,
    "linetrace": TRACE,
}
build_dir = "build/cython-checked" if DEBUG else "build/cython"
if TRACE:
    build_dir = None  # the C beside its source, where Cython.Coverage looks for it
setup(
    ext_modules=cythonize(extensions, build_dir=build_dir, include_path=["ext"], compiler_directives=directives),
    cmdclass={"build_ext": BuildKernels},
)
