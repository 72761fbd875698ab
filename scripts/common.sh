# What the scripts share: where things are, plain messages, and installing what is missing. Sourced by bash, not run.
#
# need_packages takes names of Debian packages, but asks the machine for what they bring (a command, a library), not for the package:
# so it is content with a compiler that came another way, and can say on any system what is missing.

rainbow_root=$(CDPATH= cd -- "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
rainbow_cache=${XDG_CACHE_HOME:-${HOME-}/.cache}/rainbow # what is fetched or built besides the tree, by version

say() { printf '== %s\n' "$*" >&2; }
die() { printf '%s: %s\n' "$(basename "$0")" "$*" >&2; exit 1; }

# What the program and all of its parts are built with, and gnuplot, which draws its curves.
rainbow_packages="gcc libc6-dev pkg-config cmake ninja-build libcjson-dev libxxhash-dev liblz4-dev libzstd-dev libpng-dev libavformat-dev libswscale-dev
    libprotobuf-c-dev protobuf-c-compiler libgif-dev libsdl2-dev gnuplot-nox"

# Is what this package brings already here?
have_package()
{
    case $1 in
    build-essential)   command -v cc >/dev/null && command -v c++ >/dev/null && command -v make >/dev/null ;;
    libc6-dev)         printf '#include <stdio.h>\n' | gcc -E -xc - >/dev/null 2>&1 ;;
    ninja-build)       command -v ninja >/dev/null ;;
    python3-venv)      python3 -c 'import venv, ensurepip' >/dev/null 2>&1 ;;
    python3-dev)       python3 -c 'import os, sysconfig; exit(not os.path.exists(sysconfig.get_path("include") + "/Python.h"))' 2>/dev/null ;;
    ca-certificates)   [ -e /etc/ssl/certs/ca-certificates.crt ] || [ -d /etc/pki/tls/certs ] ;;
    libcjson-dev)      have_library libcjson ;;
    libxxhash-dev)     have_library libxxhash ;;
    liblz4-dev)        have_library liblz4 ;;
    libzstd-dev)       have_library libzstd ;;
    libpng-dev)        have_library libpng ;;
    libavformat-dev)   have_library libavformat ;;
    libswscale-dev)    have_library libswscale ;;
    libprotobuf-c-dev) have_library libprotobuf-c ;;
    protobuf-c-compiler) command -v protoc-c >/dev/null ;;
    libgif-dev)        printf '#include <stdio.h>\n#include <gif_lib.h>\n' | gcc -E -xc - >/dev/null 2>&1 ;;
    gnuplot-nox)       command -v gnuplot >/dev/null ;;
    libsdl2-dev)       have_library sdl2 ;;
    dpkg-dev)          command -v dpkg-shlibdeps >/dev/null ;;
    xvfb)              command -v Xvfb >/dev/null ;;
    libcmocka-dev)     have_library cmocka ;;
    zlib1g-dev)        printf '#include <zlib.h>\n' | g++ -E -xc++ - >/dev/null 2>&1 ;;
    libclang-rt-*-dev) printf 'int main(void) { return 0; }' | clang -fsanitize=address -xc - -o /dev/null 2>/dev/null ;;
    *)                 command -v "$1" >/dev/null ;;
    esac
}
have_library() { pkg-config --exists "$1" 2>/dev/null; }

# need_packages PACKAGE...: returns when all are there; installs the missing ones as root or through sudo; otherwise says what to type and ends.
need_packages()
{
    local package missing=() line
    for package in "$@"; do
        have_package "$package" || missing+=("$package")
    done
    [ ${#missing[@]} -eq 0 ] && return 0

    command -v apt-get >/dev/null ||
        die "missing on this machine, please install (by their Debian names): ${missing[*]}"
    line="apt-get update && apt-get install -y ${missing[*]}"
    if [ "$(id -u)" -eq 0 ]; then
        say "installing ${missing[*]}"
        install_packages "" "${missing[@]}"
    elif command -v sudo >/dev/null && { [ -t 0 ] || sudo -n true 2>/dev/null; }; then
        say "installing ${missing[*]} (through sudo)"
        install_packages sudo "${missing[@]}"
    else
        die "missing: ${missing[*]}. As root, type:  $line"
    fi || die "installing failed. As root, type:  $line"
    for package in "${missing[@]}"; do
        have_package "$package" || die "$package was installed, but what it brings is not found"
    done
}
install_packages() # SUDO-OR-EMPTY PACKAGE...; silent unless it fails
{
    local as=$1 log apt="env DEBIAN_FRONTEND=noninteractive apt-get -q -o DPkg::Lock::Timeout=300"
    shift
    log=$(mktemp)
    if $as $apt update >"$log" 2>&1 && $as $apt install -y --no-install-recommends "$@" >>"$log" 2>&1; then
        rm -f "$log"
    else
        cat "$log" >&2
        rm -f "$log"
        return 1
    fi
}

# quietly COMMAND...: shows what it printed only where it failed.
quietly()
{
    local log status=0
    log=$(mktemp)
    "$@" >"$log" 2>&1 || { status=$?; cat "$log" >&2; }
    rm -f "$log"
    return $status
}
