#!/usr/bin/env bash
# fetch-debs.sh SUITE OUTDIR PACKAGE...
#
# Unpacks Debian packages of SUITE into OUTDIR, which becomes exactly their files (it is replaced in one rename).
# Nothing is installed: apt keeps its lists and state in a throw-away folder beside OUTDIR, dpkg's database is not
# touched, no maintainer script runs, and root is not needed. Dependencies are not followed.
# The mirror is the one this machine's apt uses; signatures are checked as always.
set -euo pipefail

if [ $# -lt 3 ]; then
  echo "usage: fetch-debs.sh SUITE OUTDIR PACKAGE..." >&2
  exit 2
fi
suite=$1
outdir=$(realpath -m "$2")
shift 2

fail() {
  echo "fetch-debs: $1" >&2
  exit 1
}

if ! command -v apt-get >/dev/null || ! command -v dpkg-deb >/dev/null; then
  fail "apt-get and dpkg-deb are needed: this is not a Debian machine"
fi

keyring=${DEBIAN_KEYRING:-/usr/share/keyrings/debian-archive-keyring.gpg}
[ -r "$keyring" ] || fail "$keyring is missing: apt-get install debian-archive-keyring"

# Read from apt's own view of its sources: it knows every format of them. Without --no-release-info it would say nothing
# before the first update. Debian's main archive ends in /debian, or is a list of mirrors (cloud images); others do not.
# shellcheck disable=SC2016 # apt's own fields, not the shell's
mirror=$(apt-get indextargets --no-release-info --format '$(CREATED_BY) $(REPO_URI)' 2>/dev/null |
  awk '$1 == "Packages" && $2 ~ /\/debian(\/|\.list)?$/ && !seen++ { print $2 }')
[ -n "$mirror" ] || fail "this machine's apt has no mirror of Debian's archive in its sources"

mkdir -p "$(dirname "$outdir")"
work=$(mktemp -d "$outdir.fetch.XXXXXX")
trap 'rm -rf "$work"' EXIT
mkdir -p "$work"/{sources.d,preferences.d,state/lists/partial,cache/archives/partial,debs,root}
: >"$work/state/status"
printf 'Types: deb\nURIs: %s\nSuites: %s\nComponents: main\nSigned-By: %s\n' "$mirror" "$suite" "$keyring" >"$work/sources.d/debian.sources"

private_apt=(
  -qq
  -o Dir::Etc::SourceList=/dev/null
  -o "Dir::Etc::SourceParts=$work/sources.d"
  -o Dir::Etc::Preferences=/dev/null
  -o "Dir::Etc::PreferencesParts=$work/preferences.d"
  -o "Dir::State=$work/state"
  -o "Dir::State::status=$work/state/status"
  -o "Dir::Cache=$work/cache"
  -o Acquire::Languages=none
  -o Acquire::AllowInsecureRepositories=false
  -o APT::Get::AllowUnauthenticated=false
  # apt would drop to its own user, which may not reach this folder.
  -o "APT::Sandbox::User=$(id -un)"
)

# Error-Mode=any: a list that could not be fetched is an error, not a warning about stale data.
apt-get "${private_apt[@]}" -o APT::Update::Error-Mode=any update || fail "could not read the package lists of $suite (is the network up? does the mirror carry it?)"
(cd "$work/debs" && apt-get "${private_apt[@]}" download "$@") || fail "could not download from $suite: $*"

for deb in "$work"/debs/*.deb; do
  dpkg-deb -x "$deb" "$work/root"
  # shellcheck disable=SC2016 # dpkg's own fields, not the shell's
  dpkg-deb --showformat '${Package} ${Version}\n' -W "$deb"
done
chmod 755 "$work/root"
rm -rf "$outdir"
mv "$work/root" "$outdir"
