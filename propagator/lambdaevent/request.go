package lambdaevent

import "strings"

// Request is the HTTP request behind an event of an HTTP source. A field that the
// event does not say is empty.
type Request struct {
	// Method is empty for a message over a WebSocket.
	Method string
	// Route is "/orders/{id}", of a WebSocket API its route key: "sendOrder",
	// "$connect". It is empty for $default and for sources without routes: load
	// balancers, function URLs, VPC Lattice, AppSync.
	Route string
	// Path is as the client sent it, with the stage: "/prod/orders/7".
	Path      string
	Scheme    string // "https" or "http", of a WebSocket API "wss"
	Host      string // with the port if the client named one
	ClientIP  string
	UserAgent string
}

// Request returns the HTTP request behind the event, but for its query string, for
// which see [Event.Query]. It is zero if the source is not an HTTP source.
func (e Event) Request() Request {
	switch e.Source {
	case SourceAPIGatewayV1:
		return e.apiGatewayV1()
	case SourceAPIGatewayV2, SourceFunctionURL:
		return e.apiGatewayV2()
	case SourceWebSocket:
		return e.webSocket()
	case SourceAuthorizer:
		return e.authorizer()
	case SourceALB:
		r := e.forwarded()
		r.Method, r.Path = text(e.raw(fieldHTTPMethod)), text(e.raw(fieldPath))
		return r
	case SourceVPCLattice:
		return e.lattice()
	case SourceAppSync:
		return e.appSync()
	default:
		return Request{}
	}
}

// https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html
func (e *Event) apiGatewayV1() Request {
	context := members(e.raw(fieldRequestContext), "path", "domainName", "identity")
	identity := members(context[2], "sourceIp", "userAgent")
	r := Request{
		Method:    text(e.raw(fieldHTTPMethod)),
		Route:     text(e.raw(fieldResource)),
		Path:      text(context[0]),
		Scheme:    e.scheme("https"),
		Host:      text(context[1]),
		ClientIP:  text(identity[0]),
		UserAgent: text(identity[1]),
	}
	if r.Path == "" { // lacks the stage
		r.Path = text(e.raw(fieldPath))
	}
	if r.Host == "" {
		r.Host = e.header("Host")
	}
	return r
}

// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
// and https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html, which share it.
func (e *Event) apiGatewayV2() Request {
	context := members(e.raw(fieldRequestContext), "domainName", "http")
	request := members(context[1], "method", "sourceIp", "userAgent")
	// A route key is "GET /orders/{id}" or "$default".
	_, route, _ := strings.Cut(text(e.raw(fieldRouteKey)), " ")
	return Request{
		Method:    text(request[0]),
		Route:     route,
		Path:      text(e.raw(fieldRawPath)),
		Scheme:    e.scheme("https"),
		Host:      text(context[0]),
		ClientIP:  text(request[1]),
		UserAgent: text(request[2]),
	}
}

// https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-websocket-api-mapping-template-reference.html
func (e *Event) webSocket() Request {
	context := members(e.raw(fieldRequestContext), "routeKey", "eventType", "stage", "domainName", "identity")
	identity := members(context[4], "sourceIp", "userAgent")
	r := Request{
		Method:    text(e.raw(fieldHTTPMethod)),
		Route:     text(context[0]),
		Path:      "/" + text(context[2]),
		Scheme:    "wss",
		Host:      text(context[3]),
		ClientIP:  text(identity[0]),
		UserAgent: text(identity[1]),
	}
	if r.Method == "" && text(context[1]) == "CONNECT" {
		r.Method = "GET" // as every handshake, https://www.rfc-editor.org/rfc/rfc6455#section-4.1
	}
	if r.Route == "$default" {
		r.Route = ""
	}
	if !strings.Contains(r.Host, ".execute-api.") {
		r.Path = "/" // a domain of one's own maps paths to stages, and the event does not say which
	}
	return r
}

// authorizer returns the request that an authorizer is asked about. One that gets
// the token only knows the ARN:
// arn:aws:execute-api:<region>:<account>:<api>/<stage>/<method>/<path>.
//
// https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-use-lambda-authorizer.html
func (e *Event) authorizer() Request {
	var r Request
	switch {
	case e.hasAll(1 << fieldRequestHeaders):
		return e.appSync()
	case e.hasAll(1 << fieldRouteARN):
		r = e.apiGatewayV2()
	case e.hasAll(1 << fieldRequestContext):
		context := members(e.raw(fieldRequestContext), "connectionId")
		if context[0] != nil {
			return e.webSocket()
		}
		r = e.apiGatewayV1()
	}
	if r.Method == "" {
		parts := strings.SplitN(text(e.raw(fieldMethodARN)), "/", 4)
		if len(parts) == 4 {
			r.Method, r.Path, r.Scheme = parts[2], "/"+parts[1]+"/"+parts[3], "https"
		}
	}
	return r
}

// https://docs.aws.amazon.com/vpc-lattice/latest/ug/lambda-functions.html
func (e *Event) lattice() Request {
	r := e.forwarded()
	r.Method = text(e.raw(fieldMethod))
	r.Path = text(e.raw(fieldPath))
	if r.Path == "" {
		r.Path, _, _ = strings.Cut(text(e.raw(fieldLatticePath)), "?")
	}
	return r
}

// appSync: queries and mutations are POST requests to one path. What a subscription
// is asked for came over a WebSocket.
//
// https://docs.aws.amazon.com/appsync/latest/devguide/resolver-context-reference.html
func (e *Event) appSync() Request {
	r := e.forwarded()
	if r.Host == "" {
		r.Host = text(member(e.raw(fieldRequest), "domainName"))
	}
	info := members(e.raw(fieldInfo), "parentTypeName", "channel")
	switch {
	case info[1] != nil: // of an event API
	case text(info[0]) == "Subscription", text(e.raw(fieldTypeName)) == "Subscription":
		r.Path = "/graphql"
	default:
		r.Method, r.Path = "POST", "/graphql"
	}
	return r
}

// forwarded returns what the headers of a request say that a proxy passed on.
//
// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/lambda-functions.html
func (e *Event) forwarded() Request {
	client, _, _ := strings.Cut(e.header("X-Forwarded-For"), ",")
	return Request{
		Scheme:    e.scheme(""),
		Host:      e.header("Host"),
		ClientIP:  strings.TrimSpace(client),
		UserAgent: e.header("User-Agent"),
	}
}

func (e *Event) scheme(otherwise string) string {
	if proto := e.header("X-Forwarded-Proto"); proto != "" {
		return proto
	}
	return otherwise
}

func (e *Event) header(key string) string { return e.headers().Get(key) }
