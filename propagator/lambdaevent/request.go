package lambdaevent

import (
	"net/url"
	"strings"
)

// Request is the HTTP request behind an event of an HTTP source. A field that the
// event does not say is empty.
type Request struct {
	Method    string
	Route     string // "/orders/{id}"; empty for a load balancer, a function URL and $default
	Path      string // as the client sent it, with the stage: "/prod/orders/7"
	Scheme    string // "https" or "http"
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
	case SourceALB:
		return e.alb()
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

// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/lambda-functions.html
func (e *Event) alb() Request {
	client, _, _ := strings.Cut(e.header("X-Forwarded-For"), ",")
	return Request{
		Method:    text(e.raw(fieldHTTPMethod)),
		Path:      text(e.raw(fieldPath)),
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

func (e *Event) header(key string) string { return e.headerCarrier().Get(key) }

// Query returns the query string of the request behind the event, encoded and
// without the question mark. Where the event has the parameters one by one, it is
// put together again, with all their values if the event has them.
func (e Event) Query() string {
	switch e.Source {
	case SourceAPIGatewayV2, SourceFunctionURL:
		return text(e.raw(fieldRawQueryString))
	case SourceAPIGatewayV1:
		return e.query(url.QueryEscape)
	case SourceALB: // passes parameters as they came, still encoded
		return e.query(func(s string) string { return s })
	default:
		return ""
	}
}

func (e *Event) query(encode func(string) string) string {
	params := e.raw(fieldMultiValueQuery)
	if !isObject(params) {
		params = e.raw(fieldQuery)
	}
	var dst []byte
	add := func(key string, value []byte) {
		if len(dst) > 0 {
			dst = append(dst, '&')
		}
		dst = append(dst, encode(key)...)
		dst = append(dst, '=')
		dst = append(dst, encode(text(value))...)
	}
	for o := openObject(params); o.next(); {
		value := o.value()
		if len(value) == 0 || value[0] != '[' {
			add(string(o.key), value)
			continue
		}
		for a := openArray(value); a.next(); {
			add(string(o.key), a.value())
		}
	}
	return string(dst)
}
