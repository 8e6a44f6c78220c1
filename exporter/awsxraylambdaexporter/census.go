package awsxraylambdaexporter

import (
	"bytes"
	"encoding/json"
	"slices"
	"strconv"

	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.opentelemetry.io/otel/trace"

	"github.com/lambdaxray/lambdaxray/mapping"
	"github.com/lambdaxray/lambdaxray/mapping/segment"
)

// flagCounted marks a span in a request of the exporter's own that is at X-Ray,
// or was counted as dropped, and goes out again for the sake of its trace.
// OpenTelemetry has no meaning for the bit.
const flagCounted = 1 << 31

// census says how many spans of a request each part of its documents stands for:
// spans may share an id, and segments are made that no span is behind.
type census struct {
	spans map[spanKey]int // those not counted before
	// renumbered are the ids that the mapper may have given to all but the first
	// of several different spans of one id, with that id.
	renumbered map[spanKey]spanKey
	settled    map[spanKey]spanKey // those that it has
}

func newCensus(td ptrace.Traces) *census {
	c := &census{spans: make(map[spanKey]int), renumbered: map[spanKey]spanKey{}, settled: map[spanKey]spanKey{}}
	for _, rs := range td.ResourceSpans().All() {
		for _, ss := range rs.ScopeSpans().All() {
			for _, s := range ss.Spans().All() {
				if s.Flags()&flagCounted != 0 {
					continue
				}
				key := keyOf(s.TraceID(), s.SpanID())
				if n := c.spans[key]; n > 0 {
					other := mapping.DeriveID(trace.SpanID(s.SpanID()), mapping.PartDuplicate+strconv.Itoa(n))
					c.renumbered[spanKey{key.trace, other.String()}] = key
				}
				c.spans[key]++
			}
		}
	}
	return c
}

// settle finds out which spans of one id the mapper has told apart.
func (c *census) settle(docs [][]byte) {
	for other, key := range c.renumbered {
		if slices.ContainsFunc(docs, func(doc []byte) bool { return bytes.Contains(doc, []byte(`"`+other.span+`"`)) }) {
			c.spans[key]--
			c.spans[other]++
			c.settled[other] = key
			delete(c.renumbered, other)
		}
	}
}

// original returns the id that the spans behind a part have themselves.
func (c *census) original(part spanKey) spanKey {
	if key, ok := c.settled[part]; ok {
		return key
	}
	return part
}

// nodes returns a document's trace id and the ids of all its segments and
// subsegments. It is read token by token: a whole document may be nested too
// deep for json.Unmarshal.
func nodes(doc []byte) (traceID string, ids []string) {
	const (
		other     = iota
		node      // a segment or subsegment
		childList // its subsegments
	)
	var (
		d     = json.NewDecoder(bytes.NewReader(doc))
		stack []int
		key   string
		value bool // of key comes next, in a node
	)
	for {
		t, err := d.Token()
		if err != nil {
			return traceID, ids
		}
		top := childList // above the document
		if len(stack) > 0 {
			top = stack[len(stack)-1]
		}
		switch t {
		case json.Delim('{'):
			if top == childList {
				stack = append(stack, node)
			} else {
				stack = append(stack, other)
			}
			value = false
			continue
		case json.Delim('['):
			if top == node && key == "subsegments" {
				stack = append(stack, childList)
			} else {
				stack = append(stack, other)
			}
			continue
		case json.Delim('}'), json.Delim(']'):
			stack, value = stack[:len(stack)-1], false
			continue
		}
		text, _ := t.(string)
		switch {
		case top != node:
		case !value:
			key, value = text, true
			continue
		case key == "id":
			ids = append(ids, text)
		case key == "trace_id" && len(stack) == 1:
			traceID = text
		}
		value = false
	}
}

// keyOf spells ids as X-Ray does; a zero id is "".
func keyOf(traceID [16]byte, spanID [8]byte) (key spanKey) {
	if traceID != ([16]byte{}) {
		key.trace = segment.TraceID(traceID)
	}
	if spanID != ([8]byte{}) {
		key.span = trace.SpanID(spanID).String()
	}
	return key
}
