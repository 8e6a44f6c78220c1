#!/usr/bin/env bash
# Builds the Collector of builder.yaml and runs it on loopback, against a fake
# X-Ray, with spans of a real SDK. Arguments go to the program, see -help.
# The first build takes about three minutes on two cores.
set -euo pipefail
cd "$(dirname "$0")"
export GOWORK=off

echo "building the Collector (the first time about three minutes)"
mkdir -p build
go run go.opentelemetry.io/collector/cmd/builder@v0.165.0 --config builder.yaml --skip-compilation >build/log 2>&1 || {
	cat build/log
	exit 1
}
(cd build && go build -trimpath -ldflags='-s -w' -o otelcol-xray .)
exec go run . "$@"
