#!/bin/sh
# The Python package's tests, with a module that is linked to the library of this build: no wheel is made (tools/check_wheel makes one).
#
#     run.sh BUILD SOURCE CC      exit status 77: no Python here has cffi, Gymnasium and its own headers
set -u

build=$1 source=$2 cc=$3
python=
for candidate in "${RAINBOW_TEST_PYTHON-}" "${XDG_CACHE_HOME:-$HOME/.cache}/rainbow/python-1/bin/python"; do
    [ -n "$candidate" ] && "$candidate" -c '
import cffi, gymnasium, numpy, os, sysconfig
assert os.path.exists(sysconfig.get_path("include") + "/Python.h")' 2>/dev/null && python=$candidate && break
done
[ -n "$python" ] || { echo "no Python with cffi, Gymnasium and Python.h (scripts/get-python makes one)"; exit 77; }

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
package=$work/rainbow_dqn
mkdir "$package" && cp "$source"/python/rainbow_dqn/*.py "$package" && cp "$source/src/env/gym_spaces.py" "$package/_gym_spaces.py" || exit 1
include=$("$python" -c 'import sysconfig; print(sysconfig.get_path("include"))')
"$python" "$source/python/build_library.py" "$work/module.c" &&
    "$cc" -shared -fPIC -O1 -I "$source/include" -I "$include" "$work/module.c" -o "$package/_rainbow.abi3.so" -L "$build" -lrainbow \
        "-Wl,-rpath,$build" || exit 1
export PYTHONPATH="$work" XDG_STATE_HOME="$work/state"
"$python" "$source/tests/python/test_package.py" || exit 1
if "$python" -c 'import mypy' 2>/dev/null; then
    cp "$source"/python/rainbow_dqn/*.pyi "$source/python/rainbow_dqn/py.typed" "$package"
    (cd "$source" && MYPYPATH=$work "$python" -m mypy --config-file pyproject.toml --cache-dir "$work/mypy") || exit 1
fi
