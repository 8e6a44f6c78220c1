package lambdaevent

import (
	"net/url"
	"strings"
)

// Query returns the query string of the request behind the event, encoded and
// without the question mark. Where the event has the parameters one by one, it is
// put together again, with all their values if the event has them.
func (e Event) Query() string {
	switch e.Source {
	case SourceAPIGatewayV2, SourceFunctionURL:
		return text(e.raw(fieldRawQueryString))
	case SourceAuthorizer:
		if raw := text(e.raw(fieldRawQueryString)); raw != "" {
			return raw
		}
		return e.query(url.QueryEscape)
	case SourceAPIGatewayV1, SourceWebSocket:
		return e.query(url.QueryEscape)
	case SourceVPCLattice:
		if _, query, ok := strings.Cut(text(e.raw(fieldLatticePath)), "?"); ok {
			return query
		}
		return e.query(url.QueryEscape)
	case SourceALB: // passes parameters as they came, still encoded
		return e.query(func(s string) string { return s })
	default:
		return ""
	}
}

func (e *Event) query(encode func(string) string) string {
	params := e.raw(fieldMultiValueQuery)
	for _, f := range [...]field{fieldQuery, fieldLatticeQuery} {
		if !isObject(params) {
			params = e.raw(f)
		}
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
