package lambdaevent

import "strconv"

// Status returns the HTTP status in the response of a function: its member
// statusCode, a number or a string, in which API Gateway, load balancers and
// function URLs look for it. It stops there: the rest is neither decoded nor
// checked. It reports false if there is none, or one that is no HTTP status: the
// response may be an object whose statusCode means something else.
func Status(response []byte) (code int, ok bool) {
	for o := openObject(response); o.next(); {
		if string(o.key) == "statusCode" {
			return leadingInt(o.value())
		}
	}
	return 0, false
}

func leadingInt(raw []byte) (int, bool) {
	if len(raw) > 0 && raw[0] == '"' {
		raw = decoded(raw)
	}
	n := 0
	for n < len(raw) && '0' <= raw[n] && raw[n] <= '9' {
		n++
	}
	code, err := strconv.Atoi(string(raw[:n]))
	return code, err == nil && 100 <= code && code <= 599
}

// RespondsHTTP reports whether the function's response is an HTTP response, with a
// [Status] in it. An authorizer's and an AppSync resolver's are none, though an HTTP
// request is behind them.
func (s Source) RespondsHTTP() bool {
	switch s {
	case SourceAPIGatewayV1, SourceAPIGatewayV2, SourceWebSocket, SourceFunctionURL, SourceALB, SourceVPCLattice:
		return true
	default:
		return false
	}
}

// ImpliedStatus returns the status that the client gets if the response names
// none, and 0 where that is not defined.
//
// Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
// and https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html
func (s Source) ImpliedStatus() int {
	switch s {
	case SourceAPIGatewayV2, SourceFunctionURL:
		return 200
	default:
		return 0
	}
}
