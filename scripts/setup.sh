#!/usr/bin/env bash
# Makes this checkout ready to run: npm packages, nats-server, ffmpeg, and what the sample video is made of.
# Any Node with npm 10 or 11 will do to begin with: the packages bring Node 24. Root or not. Safe to run again and again:
# what is there already is left alone, and the second run only looks.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
export PATH="$PWD/node_modules/.bin:$PATH"

# The first nats-server with all that the bus relies on. Older ones accept the settings they lack and ignore them.
readonly nats_min=2.14
# Debian's own releases carry an older one; these carry a new enough one, the more settled first.
readonly nats_suites=(forky sid)
readonly node_major=24
readonly stamp=node_modules/.setup-stamp
readonly nats_bin=.cache/bin/nats-server
readonly sample_debs=.cache/sample/debs

main() {
  if all_in_place; then
    say "everything is in place"
    return
  fi
  mkdir -p .cache/bin
  wait_for_other_setup
  packages_in_place || install_packages
  local missing=0
  nats_in_place || install_nats || missing=1
  ffmpeg_in_place || install_ffmpeg || missing=1
  sample_in_place || fetch_sample # only the demo's own video needs it
  [ "$missing" = 0 ] || die "not ready: do what is said above, then run this again"
  say "ready after $SECONDS s"
}

all_in_place() {
  packages_in_place && nats_in_place && ffmpeg_in_place && sample_in_place
}

# --- npm packages -------------------------------------------------------------------------------------------------

packages_in_place() {
  [ -x node_modules/.bin/node ] && [ "$(cat "$stamp" 2>/dev/null)" = "$(lock_sum)" ]
}

install_packages() {
  command -v npm >/dev/null || die "npm is missing. Install any Node that comes with npm 10 or newer (nodejs.org has them; Debian 12 packages npm 9), then run this again"
  say "npm packages, as package-lock.json says"
  rm -f "$stamp"
  npm ci --loglevel=error </dev/null || die "npm ci failed (see above). If a download broke off, run this again"

  # .npmrc switches install scripts off, since one of them downloads a toolchain. These two packages need theirs.
  local postgres
  postgres=$(postgres_package)
  say "Node $node_major and the links between Postgres' libraries, by their own install steps"
  npm rebuild node "$postgres" --ignore-scripts=false --loglevel=error </dev/null >/dev/null || die "npm rebuild node $postgres failed (see above)"

  local version
  version=$(node_modules/.bin/node --version 2>/dev/null) || die "node_modules/.bin/node is missing though npm reported no error: run 'npm rebuild node --ignore-scripts=false' and read what it says"
  [[ $version == v$node_major.* ]] || die "node_modules/.bin/node is $version, not $node_major: delete node_modules and run this again"
  "node_modules/$postgres/native/bin/postgres" --version >/dev/null || die "the Postgres of $postgres does not start on this machine (see above)"
  lock_sum >"$stamp"
}

lock_sum() {
  cksum <package-lock.json
}

postgres_package() {
  # shellcheck disable=SC2016 # JavaScript's own expansion, not the shell's
  node -p '`@embedded-postgres/${process.platform}-${process.arch}`'
}

# --- nats-server --------------------------------------------------------------------------------------------------

nats_in_place() {
  new_enough_nats "${NATS_SERVER_BIN:-$nats_bin}"
}

install_nats() {
  if [ -n "${NATS_SERVER_BIN:-}" ]; then
    complain "NATS_SERVER_BIN is $NATS_SERVER_BIN, which is no nats-server of version $nats_min or newer"
    return 1
  fi
  local installed suite
  installed=$(command -v nats-server || true)
  if [ -n "$installed" ] && new_enough_nats "$installed"; then
    say "nats-server: the one installed on this machine"
    ln -sfn "$installed" "$nats_bin"
    return
  fi
  if command -v apt-get >/dev/null; then
    for suite in "${nats_suites[@]}"; do
      say "nats-server $nats_min or newer, unpacked from Debian $suite into .cache"
      if bash scripts/fetch-debs.sh "$suite" .cache/nats-server nats-server >/dev/null; then
        ln -sfn ../nats-server/usr/sbin/nats-server "$nats_bin"
        if new_enough_nats "$nats_bin"; then return; fi
      fi
    done
  fi
  complain "nats-server $nats_min or newer is needed. Download a release of the nats-io/nats-server project, and put it on the PATH or name it in NATS_SERVER_BIN"
  return 1
}

new_enough_nats() {
  local version
  version=$("$1" --version 2>/dev/null) || return 1
  [[ $version =~ v?([0-9]+)\.([0-9]+) ]] || return 1
  ((BASH_REMATCH[1] * 1000 + BASH_REMATCH[2] >= ${nats_min%.*} * 1000 + ${nats_min#*.}))
}

# --- ffmpeg -------------------------------------------------------------------------------------------------------

ffmpeg_in_place() {
  local built
  command -v ffprobe >/dev/null && built=$(ffmpeg -version 2>/dev/null) && [[ $built == *--enable-libass* && $built == *--enable-libx264* ]]
}

install_ffmpeg() {
  local as_root=()
  if ! command -v apt-get >/dev/null; then
    complain "ffmpeg and ffprobe with libass and libx264 are needed on the PATH: install your system's full ffmpeg package"
    return 1
  fi
  if [ "$(id -u)" != 0 ]; then
    if ! command -v sudo >/dev/null || ! sudo -n true 2>/dev/null; then
      complain "ffmpeg with libass and libx264 is needed, and installing it takes root. Run: sudo apt-get update && sudo apt-get install --no-install-recommends ffmpeg"
      return 1
    fi
    as_root=(sudo -n)
  fi
  say "ffmpeg, by apt-get (it reads the videos and burns the captions in)"
  "${as_root[@]}" apt-get -qq update || say "apt-get update failed (see above); trying with the package lists as they are"
  if ! apt_install ffmpeg; then
    complain "apt-get could not install ffmpeg (see above)"
    return 1
  fi
  ffmpeg_in_place && return
  complain "the ffmpeg found first on the PATH ($(command -v ffmpeg || echo none)) has no libass or no libx264: remove it, or put /usr/bin first"
  return 1
}

apt_install() {
  # dpkg talks at length even at -qq: its talk is kept for the case that it fails.
  local log=.cache/apt-install.log
  if ! "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq install --no-install-recommends "$@" </dev/null >"$log" 2>&1; then
    tail -n 20 "$log" >&2
    return 1
  fi
}

# --- the sample video's parts -------------------------------------------------------------------------------------

sample_in_place() {
  command -v apt-get >/dev/null || return 0 # nowhere to fetch it from: scripts/sample.ts says what is missing, when it is asked
  [ -d "$sample_debs/usr/share/pocketsphinx" ] && [ -d "$sample_debs/usr/share/backgrounds" ] && [ -d "$sample_debs/usr/share/ktuberling/sounds/pt" ]
}

fetch_sample() {
  local release
  # shellcheck disable=SC1091 # every Debian has it
  release=$(. /etc/os-release 2>/dev/null && echo "${VERSION_CODENAME:-stable}")
  say "speech and photographs for the sample video, unpacked from Debian $release into .cache"
  bash scripts/fetch-debs.sh "$release" "$sample_debs" pocketsphinx-testdata mate-backgrounds ktuberling-data >/dev/null && return
  say "no sample video then: its parts are in Debian's packages pocketsphinx-testdata, mate-backgrounds and ktuberling-data. All else works, with a video of your own"
}

# --- how it talks -------------------------------------------------------------------------------------------------

# Two runs in one checkout (a test and a demo, say) must not install over each other.
wait_for_other_setup() {
  command -v flock >/dev/null || return 0
  exec 9>.cache/setup.lock
  flock -n 9 && return
  say "waiting for another set-up of this checkout to end"
  flock 9
}

say() {
  echo "setup: $1"
}

complain() {
  echo "setup: $1" >&2
}

die() {
  complain "$1"
  exit 1
}

main "$@"
