#!/usr/bin/env bash
# Fetch the servers that the tests of forwarding write to, once, into .cache/servers:
# Debian's packages of InfluxDB 1.6 and VictoriaMetrics, unpacked, not installed.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

servers=.cache/servers
packages=(influxdb victoria-metrics)

if [ -n "${ENVOY_SERVERS:-}" ] || [ -x "$servers/usr/bin/victoria-metrics" ] ||
  ! command -v apt-get >/dev/null; then
  exit 0
fi

echo "Fetching ${packages[*]} for the tests (once, 30 MB) ..." >&2
mkdir -p .cache
new=$(mktemp -d .cache/servers.XXXXXX)
trap 'rm -rf "$new"' EXIT

# A fresh machine knows no packages yet. Lists of our own need no root.
apt=(apt-get -qq -o APT::Sandbox::User=root)
if ! apt-cache show "${packages[@]}" >/dev/null 2>&1; then
  mkdir -p "$new/apt/lists/partial" "$new/apt/cache/archives/partial"
  apt+=(-o "Dir::State::lists=$PWD/$new/apt/lists" -o "Dir::Cache=$PWD/$new/apt/cache")
  "${apt[@]}" update || true # the download says what is missing
fi
if ! (cd "$new" && "${apt[@]}" download "${packages[@]}"); then
  echo "apt-get could not download them; the tests that need them say so." >&2
  exit 0
fi
for package in "$new"/*.deb; do
  dpkg-deb -x "$package" "$new"
  rm "$package"
done
rm -rf "$new/apt" "$servers"
mv "$new" "$servers"
