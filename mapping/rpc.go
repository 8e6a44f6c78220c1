package mapping

import "strings"

// rpcClass is what the status code of a remote procedure call means to X-Ray.
type rpcClass uint8

const (
	rpcNone rpcClass = iota
	rpcError
	rpcThrottle
	rpcFault
)

// grpcCodes lists gRPC's codes in the order of their numbers. The classes follow
// the HTTP status that gRPC maps each code to.
//
// Source: https://grpc.github.io/grpc/core/md_doc_statuscodes.html
var grpcCodes = [...]rpcCode{
	{"ok", rpcNone},
	{"cancelled", rpcError},             // 499
	{"unknown", rpcFault},               // 500
	{"invalid_argument", rpcError},      // 400
	{"deadline_exceeded", rpcFault},     // 504
	{"not_found", rpcError},             // 404
	{"already_exists", rpcError},        // 409
	{"permission_denied", rpcError},     // 403
	{"resource_exhausted", rpcThrottle}, // 429
	{"failed_precondition", rpcError},   // 400
	{"aborted", rpcError},               // 409
	{"out_of_range", rpcError},          // 400
	{"unimplemented", rpcFault},         // 501
	{"internal", rpcFault},              // 500
	{"unavailable", rpcFault},           // 503
	{"data_loss", rpcFault},             // 500
	{"unauthenticated", rpcError},       // 401
}

// otherCodes are those that Connect and Twirp have beside gRPC's.
//
// Source: https://connectrpc.com/docs/protocol/#error-codes, https://twitchtv.github.io/twirp/docs/errors.html
var otherCodes = [...]rpcCode{
	{"canceled", rpcError},
	{"malformed", rpcError},
	{"bad_route", rpcError},
	{"dataloss", rpcFault},
}

type rpcCode struct {
	name  string
	class rpcClass
}

// rpcClass reads the span's status code: gRPC's number in the older conventions, a
// name in the current ones, in capitals or not. The code itself stays in metadata:
// X-Ray has no field for it.
func (e *encoder) rpcClass() rpcClass {
	if n, ok := e.fields.number(slotRPCStatus); ok {
		if n >= 0 && n < int64(len(grpcCodes)) {
			return grpcCodes[n].class
		}
		return rpcNone
	}
	name := e.fields.text(slotRPCStatus)
	if name == "" {
		if class := e.jsonRPCClass(); class != rpcNone || e.fields.text(slotRPCSystem) == "" {
			return class
		}
		name = e.fields.text(slotErrorType) // which the conventions want to be the code
	}
	if name == "" {
		return rpcNone
	}
	name = strings.ReplaceAll(name, " ", "_")
	for _, codes := range [...][]rpcCode{grpcCodes[:], otherCodes[:]} {
		for i := range codes {
			if strings.EqualFold(codes[i].name, name) {
				return codes[i].class
			}
		}
	}
	return rpcNone
}

// jsonRPCClass reads the error code of JSON-RPC: a request that cannot be served as it
// is, or a server's error.
//
// Source: https://www.jsonrpc.org/specification#error_object
func (e *encoder) jsonRPCClass() rpcClass {
	n, ok := e.fields.number(slotJSONRPCError)
	switch {
	case !ok:
		return rpcNone
	case n == -32700, n <= -32600 && n >= -32602:
		return rpcError
	}
	return rpcFault
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
