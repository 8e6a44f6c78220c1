#!/usr/bin/env bash
# Builds the Collector of builder.yaml as somebody outside this repository does:
# from a copy beside the manifest, with the command of the exporter's README. Then
# runs it on loopback, against a fake X-Ray. Arguments go to the program, see
# -help. The first build takes about three minutes on two cores.
set -euo pipefail
cd "$(dirname "$0")"
export GOWORK=off

echo "building the Collector (the first time about three minutes)"
outside=$(mktemp -d)
trap 'rm -rf "$outside"' EXIT
mkdir -p build "$outside/lambdaxray"
(cd ../.. && git ls-files -z -co --exclude-standard | tar --null -c -T -) | tar -x -C "$outside/lambdaxray"
cp builder.yaml "$outside"
(cd "$outside" && go run go.opentelemetry.io/collector/cmd/builder@v0.165.0 --config builder.yaml) >build/log 2>&1 || {
	cat build/log
	exit 1
}
mv "$outside/build/otelcol-xray" build/
go run . "$@"
