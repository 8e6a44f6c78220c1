package mapping

import (
	"strings"

	"go.opentelemetry.io/otel/attribute"
)

// grpcClass is what a gRPC status code means to X-Ray.
type grpcClass uint8

const (
	grpcNone grpcClass = iota
	grpcError
	grpcThrottle
	grpcFault
)

// grpcCodes lists the codes in the order of their numbers. The classes follow
// the HTTP status that gRPC maps each code to.
//
// Source: https://grpc.github.io/grpc/core/md_doc_statuscodes.html
var grpcCodes = [...]struct {
	name  string
	class grpcClass
}{
	{"OK", grpcNone},
	{"CANCELLED", grpcError},             // 499
	{"UNKNOWN", grpcFault},               // 500
	{"INVALID_ARGUMENT", grpcError},      // 400
	{"DEADLINE_EXCEEDED", grpcFault},     // 504
	{"NOT_FOUND", grpcError},             // 404
	{"ALREADY_EXISTS", grpcError},        // 409
	{"PERMISSION_DENIED", grpcError},     // 403
	{"RESOURCE_EXHAUSTED", grpcThrottle}, // 429
	{"FAILED_PRECONDITION", grpcError},   // 400
	{"ABORTED", grpcError},               // 409
	{"OUT_OF_RANGE", grpcError},          // 400
	{"UNIMPLEMENTED", grpcFault},         // 501
	{"INTERNAL", grpcFault},              // 500
	{"UNAVAILABLE", grpcFault},           // 503
	{"DATA_LOSS", grpcFault},             // 500
	{"UNAUTHENTICATED", grpcError},       // 401
}

// grpcClass reads the span's gRPC code, a number in the older conventions and
// a name in the current ones. The code itself stays in metadata: X-Ray has no
// field for it.
func (e *encoder) grpcClass() grpcClass {
	v := e.fields.value(slotRPCStatus)
	if v == nil {
		return grpcNone
	}
	if n, ok := e.fields.number(slotRPCStatus); ok {
		if n >= 0 && n < int64(len(grpcCodes)) {
			return grpcCodes[n].class
		}
		return grpcNone
	}
	if v.Type() == attribute.STRING {
		for i := range grpcCodes {
			if grpcCodes[i].name == v.AsString() {
				return grpcCodes[i].class
			}
		}
	}
	return grpcNone
}

// rpcService returns the service of a remote procedure call: rpc.service, else
// what stands before the slash of a full rpc.method.
func (e *encoder) rpcService() string {
	if s := e.fields.spendText(slotRPCService); s != "" {
		return s
	}
	if before, _, ok := strings.Cut(e.fields.text(slotRPCMethod), "/"); ok {
		return before
	}
	return ""
}
