#!/bin/sh
# Installs what the tests are judged by: the cross compiler, QEMU, Unicorn, Chromium and GCC's torture programs,
# in the versions that toolchain.md names. Debian 12 only; anything else is refused by name, because other versions give
# other bytes.
set -eu

packages='gcc-arm-none-eabi libnewlib-arm-none-eabi binutils-arm-none-eabi qemu-system-arm libunicorn2 gdb-multiarch chromium gcc-12-source xz-utils make gcc libc6-dev'

fail() {
  echo "m4lab: $1" >&2
  exit 2
}

check_system() {
  id=unknown version=unknown pretty=unknown
  if [ -r /etc/os-release ]; then
    id=$(. /etc/os-release && echo "${ID:-unknown}")
    version=$(. /etc/os-release && echo "${VERSION_ID:-unknown}")
    pretty=$(. /etc/os-release && echo "${PRETTY_NAME:-$ID}")
  fi
  if [ "$id" != debian ] || [ "$version" != 12 ]; then
    fail "the system is $pretty, but the tests need Debian 12; run them there or in a debian:12 container"
  fi
}

missing_packages() {
  for package in $packages; do
    status=$(dpkg-query -W -f '${Status}' "$package" 2>/dev/null || true)
    [ "$status" = 'install ok installed' ] || printf '%s ' "$package"
  done
}

as_root() {
  if [ "$(id -u)" -eq 0 ]; then
    "$@"
  elif command -v sudo >/dev/null 2>&1; then
    sudo "$@"
  else
    fail "installing needs root, and there is no sudo; as root, run: apt-get install $packages"
  fi
}

# check_version NAME FOUND PREFIX
check_version() {
  case $2 in
    "$3"*) ;;
    *) fail "$1 is ${2:-missing}, but must be $3; remove it, then install Debian 12's package" ;;
  esac
}

package_version() {
  dpkg-query -W -f '${Version}' "$1" 2>/dev/null || true
}

check_system
missing=$(missing_packages)
if [ -n "$missing" ]; then
  echo "m4lab: installing $missing" >&2
  as_root apt-get update -q
  # shellcheck disable=SC2086 # the list is words on purpose
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends $missing
fi

# The first on the PATH is what builds the firmware, so it is asked itself, not only its package.
compiler=$(arm-none-eabi-gcc --version 2>/dev/null | sed -n 1p || true)
check_version 'arm-none-eabi-gcc' "$compiler" 'arm-none-eabi-gcc (15:12.2.rel1-1) 12.2.1 20221205'
check_version 'libnewlib-arm-none-eabi' "$(package_version libnewlib-arm-none-eabi)" '3.3.0-1.3+deb12u1'
check_version 'binutils-arm-none-eabi' "$(package_version binutils-arm-none-eabi)" '2.40-2+18'
check_version 'qemu-system-arm' "$(package_version qemu-system-arm)" '1:7.2'
check_version 'libunicorn2' "$(package_version libunicorn2)" '2.0.1'
check_version 'gcc-12-source' "$(package_version gcc-12-source)" '12.2.0'
check_version 'gdb-multiarch' "$(package_version gdb-multiarch)" '13.1-3'
