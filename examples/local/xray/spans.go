package xray

import (
	"bytes"
	"encoding/json"
	"strings"
	"sync"

	"github.com/lambdaxray/lambdaxray/mapping"
	"github.com/lambdaxray/lambdaxray/mapping/segment"
)

const (
	// maxSpanBytes is how many bytes of OTLP requests are kept beside the documents that
	// they became: the latest.
	maxSpanBytes = 64 << 20
	// traceBytes is what it takes besides to find a trace's requests, about.
	traceBytes = 200
)

// spanLog keeps OTLP requests, as JSON, until their spans are asked for. It is safe for
// concurrent use.
type spanLog struct {
	mu       sync.Mutex
	requests []*spanRequest // the oldest first
	byTrace  map[string][]*spanRequest
	bytes    int
}

type spanRequest struct {
	body   []byte
	traces []string // ids as X-Ray writes them
}

func (r *spanRequest) size() int { return len(r.body) + traceBytes*len(r.traces) }

// add keeps a request with these spans. The body must not change any more.
func (l *spanLog) add(body []byte, spans []mapping.Span) {
	r := &spanRequest{body: body}
	known := map[string]bool{}
	for i := range spans {
		if id := segment.TraceID(spans[i].TraceID); !known[id] {
			known[id] = true
			r.traces = append(r.traces, id)
		}
	}
	if len(r.traces) == 0 {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.byTrace == nil {
		l.byTrace = make(map[string][]*spanRequest)
	}
	l.requests = append(l.requests, r)
	l.bytes += r.size()
	for _, id := range r.traces {
		l.byTrace[id] = append(l.byTrace[id], r)
	}
	for l.bytes > maxSpanBytes {
		l.dropOldest()
	}
}

func (l *spanLog) dropOldest() {
	r := l.requests[0]
	l.requests[0] = nil
	l.requests = l.requests[1:]
	l.bytes -= r.size()
	for _, id := range r.traces {
		if rest := l.byTrace[id][1:]; len(rest) > 0 { // requests leave in the order in which they came
			l.byTrace[id] = rest
		} else {
			delete(l.byTrace, id)
		}
	}
}

func (l *spanLog) clear() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.requests, l.byTrace, l.bytes = nil, nil, 0
}

// of returns the bodies of the requests with spans of a trace.
func (l *spanLog) of(id string) (bodies [][]byte) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, r := range l.byTrace[id] {
		bodies = append(bodies, r.body)
	}
	return bodies
}

// otlpRequest is a request with its spans unread.
type otlpRequest struct {
	ResourceSpans []otlpResourceSpans `json:"resourceSpans"`
}

type otlpResourceSpans struct {
	Resource   json.RawMessage  `json:"resource,omitempty"`
	ScopeSpans []otlpScopeSpans `json:"scopeSpans"`
}

type otlpScopeSpans struct {
	Scope json.RawMessage   `json:"scope,omitempty"`
	Spans []json.RawMessage `json:"spans"`
}

// requestsOf returns what bodies, OTLP JSON, have of one trace.
func requestsOf(id string, bodies [][]byte) []otlpRequest {
	id = strings.ReplaceAll(strings.TrimPrefix(id, "1-"), "-", "")
	var out []otlpRequest
	for _, body := range bodies {
		for d := json.NewDecoder(bytes.NewReader(body)); ; {
			var in, own otlpRequest
			if d.Decode(&in) != nil {
				break // the end; what is no JSON has been refused
			}
			for _, rs := range in.ResourceSpans {
				kept := otlpResourceSpans{Resource: rs.Resource}
				for _, ss := range rs.ScopeSpans {
					if spans := spansOf(id, ss.Spans); len(spans) > 0 {
						kept.ScopeSpans = append(kept.ScopeSpans, otlpScopeSpans{ss.Scope, spans})
					}
				}
				if len(kept.ScopeSpans) > 0 {
					own.ResourceSpans = append(own.ResourceSpans, kept)
				}
			}
			if len(own.ResourceSpans) > 0 {
				out = append(out, own)
			}
		}
	}
	return out
}

func spansOf(id string, spans []json.RawMessage) (own []json.RawMessage) {
	for _, raw := range spans {
		var s struct {
			TraceID string `json:"traceId"`
		}
		if json.Unmarshal(raw, &s) == nil && strings.EqualFold(s.TraceID, id) {
			own = append(own, raw)
		}
	}
	return own
}
