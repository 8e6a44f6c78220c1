package propagator

import (
	"net/url"
	"strings"
)

// HTTP is the request behind an event of an HTTP source. A field that the event does
// not say is empty.
type HTTP struct {
	Method    string
	Route     string // "/orders/{id}"; empty for a load balancer, a function URL and $default
	Path      string // as the client sent it, with the stage: "/prod/orders/7"
	Scheme    string // "https" or "http"
	Host      string // with the port if the client named one
	Query     string // encoded, without the question mark
	ClientIP  string
	UserAgent string
}

// HTTP returns the request behind the event; it is zero if the source is not an
// HTTP source.
func (e Event) HTTP() HTTP {
	switch e.Source {
	case SourceAPIGatewayV1:
		return e.apiGatewayV1()
	case SourceAPIGatewayV2, SourceFunctionURL:
		return e.apiGatewayV2()
	case SourceALB:
		return e.alb()
	default:
		return HTTP{}
	}
}

// https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html
func (e Event) apiGatewayV1() HTTP {
	h := HTTP{
		Method: text(e.raw(fieldHTTPMethod)),
		Route:  text(e.raw(fieldResource)),
		Path:   text(e.raw(fieldPath)),
		Scheme: e.scheme("https"),
		Query:  e.query(url.QueryEscape),
	}
	for o := openObject(e.raw(fieldRequestContext)); o.next(); {
		switch string(o.key) {
		case "path": // the top-level path lacks the stage
			if path := text(o.value()); path != "" {
				h.Path = path
			}
		case "domainName":
			h.Host = text(o.value())
		case "identity":
			identity := o.value()
			h.ClientIP = text(member(identity, "sourceIp"))
			h.UserAgent = text(member(identity, "userAgent"))
		}
	}
	if h.Host == "" {
		h.Host = e.headerCarrier().Get("Host")
	}
	return h
}

// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
// and https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html, which share it.
func (e Event) apiGatewayV2() HTTP {
	h := HTTP{
		Path:   text(e.raw(fieldRawPath)),
		Scheme: e.scheme("https"),
		Query:  text(e.raw(fieldRawQueryString)),
	}
	// A route key is "GET /orders/{id}" or "$default".
	if _, route, ok := strings.Cut(text(e.raw(fieldRouteKey)), " "); ok {
		h.Route = route
	}
	for o := openObject(e.raw(fieldRequestContext)); o.next(); {
		switch string(o.key) {
		case "domainName":
			h.Host = text(o.value())
		case "http":
			for p := openObject(o.value()); p.next(); {
				switch string(p.key) {
				case "method":
					h.Method = text(p.value())
				case "sourceIp":
					h.ClientIP = text(p.value())
				case "userAgent":
					h.UserAgent = text(p.value())
				}
			}
		}
	}
	return h
}

// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/lambda-functions.html
func (e Event) alb() HTTP {
	headers := e.headerCarrier()
	client, _, _ := strings.Cut(headers.Get("X-Forwarded-For"), ",")
	return HTTP{
		Method: text(e.raw(fieldHTTPMethod)),
		Path:   text(e.raw(fieldPath)),
		Scheme: e.scheme(""),
		Host:   headers.Get("Host"),
		// A load balancer passes parameters as they came, still encoded.
		Query:     e.query(func(s string) string { return s }),
		ClientIP:  strings.TrimSpace(client),
		UserAgent: headers.Get("User-Agent"),
	}
}

func (e Event) scheme(otherwise string) string {
	if proto := e.headerCarrier().Get("X-Forwarded-Proto"); proto != "" {
		return proto
	}
	return otherwise
}

// query puts the query string together again, from the parameters with all their
// values if the event has them.
func (e Event) query(encode func(string) string) string {
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
