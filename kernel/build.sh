#!/bin/sh
# Builds the native kernel: sh kernel/build.sh [folder, default build/kernel]; CXX, CXXFLAGS, LDFLAGS as usual, JOBS compilers at once.
set -e
here=$(cd "$(dirname "$0")" && pwd)
to=${1:-$here/../build/kernel}
mkdir -p "$to"
cxx=${CXX:-c++}
jobs=${JOBS:-$(getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2)}
# vectors are written out, so the compiler need not look for any
common="-std=c++17 -O2 -fno-tree-vectorize -fno-tree-slp-vectorize -fPIC -fvisibility=hidden -fno-math-errno -fno-trapping-math -ffp-contract=fast -Wno-psabi ${CXXFLAGS:-}"
avx2="-DLANES=4 -mavx2 -mfma"
avx512="-DLANES=8 -mavx512f -mavx512dq -mavx512vl -mfma -mprefer-vector-width=512"
targets="base"
case "$($cxx -dumpmachine)" in
x86_64* | amd64*) targets="avx512 avx2 base" ;;
esac
# rarely asked for and long to compile: once for every processor, as calls instead of one long text
tasks="responses-base"
for source in derivatives programs orbital; do
    for target in $targets; do tasks="$tasks $source-$target"; done
done
tasks="$tasks kernel-any ffi-any"
rm -f "$to"/*.o

lane() { # compiles every `jobs`-th task, from number $1 on
    number=0
    for task in $tasks; do
        if [ $((number % jobs)) -eq "$1" ]; then
            case $task in
            responses-*) flags="-DLANES=2 -O1 -DINLINE=inline -DHERE=" ;;
            *-avx512) flags=$avx512 ;;
            *-avx2) flags=$avx2 ;;
            *-base) flags="-DLANES=2" ;;
            *) flags="" ;;
            esac
            $cxx $common $flags -c "$here/${task%-*}.cpp" -o "$to/$task.o" || exit 1
        fi
        number=$((number + 1))
    done
}
running=""
first=0
while [ $first -lt "$jobs" ]; do
    (lane $first) &
    running="$running $!"
    first=$((first + 1))
done
failed=0
for process in $running; do wait "$process" || failed=1; done
[ $failed -eq 0 ] || exit 1

objects=""
for task in $tasks; do objects="$objects $to/$task.o"; done
case "$(uname)" in
Darwin) library=libspinstack_kernel.dylib ;;
*) library=libspinstack_kernel.so ;;
esac
$cxx -shared $objects -o "$to/$library" -pthread ${LDFLAGS:-}
