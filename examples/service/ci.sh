#!/bin/sh
# Installs what the tests of this module need and runs them all.
set -eu
cd "$(dirname "$0")"
export REDOCLY_TELEMETRY=off

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

go generate .
# What is in the repository is what go generate makes of the sources today.
(cd ../.. && go generate . && git add --intent-to-add schema && git diff --exit-code --stat -- schema) ||
	{ echo "not current: run go generate in the root"; exit 1; }

test -z "$(gofmt -l .)" || { echo "not formatted by gofmt:"; gofmt -l .; exit 1; }
go vet ./...
go test -timeout 20m ./... "$@"

# The clients are generated, compiled and run in a copy of the repository, which stays as it is.
copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT
(cd ../.. && git ls-files -z --cached --others --exclude-standard | xargs -0 cp --parents -t "$copy")
cp -r dist "$copy/examples/service"
cd "$copy/examples/service/clients"
go generate .
npm ci --prefix ts --no-audit --no-fund
npm run --silent --prefix ts build
npm run --silent --prefix ts lint
go mod tidy -diff
go vet ./...
[ -z "${STATICCHECK-}" ] || go run "$STATICCHECK" ./...
go test .
