#!/bin/sh
# Builds the native kernel: sh kernel/build.sh [folder, default build/kernel]; CXX and CXXFLAGS as usual.
set -e
here=$(cd "$(dirname "$0")" && pwd)
to=${1:-$here/../build/kernel}
mkdir -p "$to"
common="-std=c++17 -O3 -fPIC -fvisibility=hidden -fno-math-errno -fno-trapping-math -ffp-contract=fast -Wno-psabi ${CXXFLAGS:-}"
objects=""
compile() { # name, source, flags
    ${CXX:-c++} $common $3 -c "$here/$2" -o "$to/$1.o"
    objects="$objects $to/$1.o"
}
compile base programs.cpp "-DLANES=2"
case "$(${CXX:-c++} -dumpmachine)" in
x86_64*)
    compile avx2 programs.cpp "-DLANES=4 -mavx2 -mfma"
    compile avx512 programs.cpp "-DLANES=8 -mavx512f -mavx512dq -mavx512vl -mfma -mprefer-vector-width=512"
    ;;
esac
compile kernel kernel.cpp ""
compile ffi ffi.cpp ""
${CXX:-c++} -shared $objects -o "$to/libspinstack_kernel.so" -pthread ${LDFLAGS:-}
