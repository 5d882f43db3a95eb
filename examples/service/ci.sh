#!/bin/sh
# Installs what the tests of this module need and runs them all.
set -eu
cd "$(dirname "$0")"

need=""
ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || need="$need postgresql"
command -v chromium >/dev/null || need="$need chromium"
command -v curl >/dev/null || need="$need curl"
command -v npm >/dev/null || need="$need nodejs npm"
if [ -n "$need" ]; then
	apt-get update -q
	DEBIAN_FRONTEND=noninteractive apt-get install -qy --no-install-recommends $need
fi
npm ci --prefix e2e --no-audit --no-fund

test -z "$(gofmt -l .)" || { echo "not formatted by gofmt:"; gofmt -l .; exit 1; }
go vet ./...
go test -timeout 20m ./... "$@"
