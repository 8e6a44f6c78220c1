module cost

go 1.26.0

require (
	github.com/aws/aws-lambda-go v1.55.1
	github.com/aws/aws-xray-sdk-go/v2 v2.0.3
)

require (
	github.com/andybalholm/brotli v1.1.0 // indirect
	github.com/cespare/xxhash/v2 v2.3.0 // indirect
	github.com/felixge/httpsnoop v1.0.4 // indirect
	github.com/go-logr/logr v1.4.4 // indirect
	github.com/go-logr/stdr v1.2.2 // indirect
	github.com/google/uuid v1.6.0 // indirect
	github.com/klauspost/compress v1.17.6 // indirect
	github.com/lambdaxray/lambdaxray v0.0.0 // indirect
	github.com/lambdaxray/lambdaxray/xray v0.0.0 // indirect
	github.com/lambdaxray/lambdaxray/xray/xrayfasthttp v0.0.0 // indirect
	github.com/lambdaxray/lambdaxray/xray/xraygrpc v0.0.0 // indirect
	github.com/valyala/bytebufferpool v1.0.0 // indirect
	github.com/valyala/fasthttp v1.52.0 // indirect
	go.opentelemetry.io/auto/sdk v1.2.1 // indirect
	go.opentelemetry.io/contrib/detectors/aws/lambda v0.71.0 // indirect
	go.opentelemetry.io/contrib/propagators/aws v1.47.0 // indirect
	go.opentelemetry.io/otel v1.47.0 // indirect
	go.opentelemetry.io/otel/log v1.47.0 // indirect
	go.opentelemetry.io/otel/metric v1.47.0 // indirect
	go.opentelemetry.io/otel/sdk v1.47.0 // indirect
	go.opentelemetry.io/otel/trace v1.47.0 // indirect
	golang.org/x/net v0.26.0 // indirect
	golang.org/x/sys v0.48.0 // indirect
	golang.org/x/text v0.16.0 // indirect
	google.golang.org/genproto/googleapis/rpc v0.0.0-20240318140521-94a12d6c2237 // indirect
	google.golang.org/grpc v1.64.1 // indirect
	google.golang.org/protobuf v1.33.0 // indirect
)

replace (
	github.com/aws/aws-xray-sdk-go/v2 => ../../../replace/v2
	github.com/lambdaxray/lambdaxray => ../../../..
	github.com/lambdaxray/lambdaxray/xray => ../../..
	github.com/lambdaxray/lambdaxray/xray/xrayfasthttp => ../../../xrayfasthttp
	github.com/lambdaxray/lambdaxray/xray/xraygrpc => ../../../xraygrpc
)
