package lambdaxray

import (
	"bytes"
	"encoding/json"
	"strings"

	"go.opentelemetry.io/otel/trace"
)

// resultNamespace is the metadata namespace of what [WithResult] keeps.
const resultNamespace = "lambda"

// keep puts a result into the function span's metadata: as the JSON it is, or else,
// and where it is too long, as text.
func (s *functionSpan) keep(key string, result []byte, limit int) {
	ctx := trace.ContextWithSpan(s.ctx, s.span)
	switch {
	case len(result) > limit:
		Metadata(ctx, resultNamespace, key, strings.ToValidUTF8(string(result[:limit]), ""))
		Metadata(ctx, resultNamespace, key+"_bytes", len(result))
	case json.Valid(result):
		Metadata(ctx, resultNamespace, key, json.RawMessage(result))
	default:
		Metadata(ctx, resultNamespace, key, string(result))
	}
}

// errorResponse is what the caller gets for err.
func errorResponse(err error) []byte {
	typ, message := describe(err, secretsOf(err))
	text, _ := json.Marshal(struct { // strings always have JSON
		Message string `json:"errorMessage"`
		Type    string `json:"errorType"`
	}{message, typ})
	return text
}

// withTraceHeader returns an HTTP response with the trace's id among its headers. A
// response without a status is the body of one, and stays as it is, as does one that
// has such a header.
func (s *functionSpan) withTraceHeader(response []byte, name string) []byte {
	id := TraceID(s.ctx)
	if name == "" || id == "" {
		return response
	}
	r, ok := parseResponse(response)
	if !ok {
		return response
	}
	single, _ := json.Marshal(map[string]string{name: id})
	switch {
	case r.headers.is('{'):
		return r.insert(r.headers, name, single)
	case r.multiValueHeaders.is('{'):
		multi, _ := json.Marshal(map[string][]string{name: {id}})
		return r.insert(r.multiValueHeaders, name, multi)
	case r.headers.is('n'): // null
		return r.replace(r.headers.start, r.headers.end, single)
	case r.headers.end == 0:
		return r.replace(r.opened, r.opened, append(append([]byte(`"headers":`), single...), ','))
	}
	return response
}

// response is an HTTP response in JSON, and where in it the headers lie.
type response struct {
	text                       []byte
	opened                     int // behind its opening brace
	headers, multiValueHeaders extent
}

// extent is where a value lies; zero: nowhere.
type extent struct {
	start, end int
	first      byte
}

func (e extent) is(first byte) bool { return e.end > 0 && e.first == first }

// parseResponse reports false for what is no object with a status.
func parseResponse(text []byte) (r response, ok bool) {
	r.text = text
	decoder := json.NewDecoder(bytes.NewReader(text))
	if t, err := decoder.Token(); err != nil || t != json.Delim('{') {
		return r, false
	}
	r.opened = int(decoder.InputOffset())
	for decoder.More() {
		key, err := decoder.Token()
		if err != nil {
			return r, false
		}
		var value json.RawMessage
		if err := decoder.Decode(&value); err != nil {
			return r, false
		}
		end := int(decoder.InputOffset())
		where := extent{start: end - len(value), end: end, first: value[0]}
		switch key {
		case "statusCode":
			ok = true
		case "headers":
			r.headers = where
		case "multiValueHeaders":
			r.multiValueHeaders = where
		}
	}
	return r, ok
}

// insert puts the one member of the object addition into the object at e, unless
// that has a header of the name.
func (r response) insert(e extent, name string, addition []byte) []byte {
	var headers map[string]json.RawMessage
	if err := json.Unmarshal(r.text[e.start:e.end], &headers); err != nil {
		return r.text
	}
	for key := range headers {
		if strings.EqualFold(key, name) {
			return r.text
		}
	}
	addition = addition[1 : len(addition)-1]
	if len(headers) > 0 {
		addition = append(addition, ',')
	}
	return r.replace(e.start+1, e.start+1, addition)
}

// replace returns the response with by in place of what lies from start to end.
func (r response) replace(start, end int, by []byte) []byte {
	text := make([]byte, 0, len(r.text)+len(by))
	return append(append(append(text, r.text[:start]...), by...), r.text[end:]...)
}
