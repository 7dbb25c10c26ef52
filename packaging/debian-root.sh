# Debian folders to chroot into, with this machine's .NET; sourced. Needs root, debootstrap and $work, a folder.
[ "$(id -u)" -eq 0 ] || { echo "${0##*/}: chroot needs root." >&2; exit 2; }
command -v debootstrap >/dev/null || { echo "${0##*/}: install debootstrap." >&2; exit 2; }
dotnet="$(dirname "$(readlink -f "$(command -v dotnet)")")"
dotnet_variables=(DOTNET_ROOT=/usr/share/dotnet DOTNET_CLI_TELEMETRY_OPTOUT=1 HOME=/root PATH="$PATH")
package_variables=()
mounts=()
mkdir -p "$work"

bind() { mkdir -p "$2"; mount --bind "$1" "$2"; mounts+=("$2"); }

unbind() {
  for at in "${mounts[@]}"; do umount -l "$at" 2>/dev/null || true; done
  mounts=()
}

# Never while something of this machine is still bound in there.
remove_work() { unbind; grep -q " $work/" /proc/mounts || rm -rf "$work"; }

# make_root SUITE FOLDER PACKAGES: what the images of .NET contain beside .NET.
make_root() {
  debootstrap --variant=minbase --include="ca-certificates,$3" "$1" "$2" "${DEBIAN_MIRROR:-$(sed -n \
    's/^deb \(\[.*\] \)\?\(http[^ ]*\) [a-z]* .*/\2/p; s/^URIs: //p' \
    /etc/apt/sources.list /etc/apt/sources.list.d/* 2>/dev/null | head -1)}"
}

bind_dotnet() { # bind_dotnet ROOT
  bind /proc "$1/proc"
  bind "$dotnet" "$1/usr/share/dotnet"
  ln -sf /usr/share/dotnet/dotnet "$1/usr/bin/dotnet"
  cp /etc/resolv.conf /etc/hosts "$1/etc/"
}

packages_from_here() { # packages_from_here ROOT: packages come from where this machine's come from
  local name
  for name in $(compgen -e | grep -iE 'nuget|proxy|ssl_cert|_ca_|cainfo|pip_' || true); do
    package_variables+=("$name=${!name}")
  done
  cp -a /etc/ssl/certs "$1/etc/ssl/" 2>/dev/null || true
  cp -a /etc/apt/apt.conf.d/. "$1/etc/apt/apt.conf.d/" 2>/dev/null || true
}
