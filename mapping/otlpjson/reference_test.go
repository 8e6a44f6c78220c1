// The reader that this package's decoder is held against: encoding/json makes a tree,
// and the tree is read. It has no tricks, so it is easy to see that it is right.

package otlpjson

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"

	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"

	"github.com/lambdaxray/lambdaxray/mapping"
)

// reference is Unmarshal on encoding/json.
func reference(data []byte) ([]mapping.Span, error) {
	var r reader
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.UseNumber() // a 64-bit integer does not fit a float64
	for n := 1; ; n++ {
		var root node
		err := dec.Decode(&root.value)
		if err == io.EOF {
			break
		}
		if n > 1 {
			root.key = fmt.Sprintf("document %d", n)
		}
		if err != nil {
			r.errs = append(r.errs, fmt.Errorf("document %d, from byte %d on: no JSON: %w", n, dec.InputOffset(), err))
			break
		}
		r.document(&root)
	}
	if err := errors.Join(r.errs...); err != nil {
		return r.spans, fmt.Errorf("otlpjson: %w", err)
	}
	return r.spans, nil
}

// reader collects spans and errors.
type reader struct {
	spans []mapping.Span
	errs  []error
}

func (r *reader) document(n *node) {
	if n.value == nil {
		r.errs = append(r.errs, n.wrong("an object with resourceSpans"))
		return
	}
	r.each(n, "resourceSpans", func(n *node) error {
		resource := n.field("resource")
		if err := resource.object(); err != nil {
			return err
		}
		attributes := resource.field("attributes")
		attrs, err := attributes.attributes()
		if err != nil {
			return err
		}
		res := mapping.NewResource(attrs)
		r.each(n, "scopeSpans", func(n *node) error {
			scope := n.field("scope")
			if err := scope.object(); err != nil {
				return err
			}
			f := fields{node: &scope}
			name, version := f.text("name"), f.text("version")
			if f.err != nil {
				return f.err
			}
			r.each(n, "spans", func(n *node) error {
				s, err := span(n)
				if err != nil {
					return err
				}
				s.Resource, s.ScopeName, s.ScopeVersion = res, name, version
				r.spans = append(r.spans, s)
				return nil
			})
			return nil
		})
		return nil
	})
}

// each reads every element of the list n.key; one that read cannot read is
// noted and left out.
func (r *reader) each(n *node, key string, read func(*node) error) {
	err := n.object()
	if err == nil {
		list := n.field(key)
		var elements []any
		elements, err = list.list()
		for i := range elements {
			at := list.element(elements, i)
			err := at.object()
			if err == nil {
				err = read(&at)
			}
			if err != nil {
				r.errs = append(r.errs, err)
			}
		}
	}
	if err != nil {
		r.errs = append(r.errs, err)
	}
}

// node is a JSON value that knows where it stands, so that an error can name
// the place. The path is put together only for an error.
type node struct {
	value any // nil: absent or null, which OTLP takes for the default
	above *node
	key   string
	index int // of a list's element, where key is empty
}

// path returns the place as resourceSpans[0].scopeSpans[1].
func (n *node) path() string {
	if n.above == nil {
		return n.key
	}
	above := n.above.path()
	switch {
	case n.key == "":
		return above + "[" + strconv.Itoa(n.index) + "]"
	case above == "":
		return n.key
	}
	return above + "." + n.key
}

// wrong says what was expected instead of the value.
func (n *node) wrong(want string) error {
	const most = 60 // bytes of the value that help to find it
	have := "nothing"
	switch v := n.value.(type) {
	case nil:
	case map[string]any:
		have = "an object"
	case []any:
		have = "a list"
	case string:
		have = strconv.Quote(v[:min(len(v), most)])
	case json.Number:
		have = string(v[:min(len(v), most)])
	default:
		have = fmt.Sprint(v)
	}
	where := n.path()
	if where == "" {
		return fmt.Errorf("want %s, have %s", want, have)
	}
	return fmt.Errorf("%s: want %s, have %s", where, want, have)
}

// field returns a member of an object; without an object there is none.
func (n *node) field(key string) node {
	members, _ := n.value.(map[string]any)
	return node{value: members[key], above: n, key: key}
}

// object reports whether the value is an object or absent.
func (n *node) object() error {
	if _, ok := n.value.(map[string]any); !ok && n.value != nil {
		return n.wrong("an object")
	}
	return nil
}

// list returns the elements of a list.
func (n *node) list() ([]any, error) {
	l, ok := n.value.([]any)
	if !ok && n.value != nil {
		return nil, n.wrong("a list")
	}
	return l, nil
}

// element returns the i-th of the elements that list returned.
func (n *node) element(elements []any, i int) node {
	return node{value: elements[i], above: n, index: i}
}

func (n *node) text() (string, error) {
	s, ok := n.value.(string)
	if !ok && n.value != nil {
		return "", n.wrong("a string")
	}
	return s, nil
}

func (n *node) boolean() (bool, error) {
	b, ok := n.value.(bool)
	if !ok && n.value != nil {
		return false, n.wrong("true or false")
	}
	return b, nil
}

// integer reads a number, or a string that holds one, from lowest to highest.
func (n *node) integer(lowest, highest int64) (int64, error) {
	var s string
	switch v := n.value.(type) {
	case nil:
		return 0, nil
	case json.Number:
		s = string(v)
	case string:
		s = v
	}
	i, err := strconv.ParseInt(s, 10, 64)
	if err != nil && strings.ContainsAny(s, ".eE") { // 1e9 and 1.0 are integers too
		if f, bad := strconv.ParseFloat(s, 64); bad == nil && f == math.Trunc(f) && math.Abs(f) < 1<<63 {
			i, err = int64(f), nil
		}
	}
	if err != nil || i < lowest || i > highest {
		return 0, n.wrong(fmt.Sprintf("an integer from %d to %d", lowest, highest))
	}
	return i, nil
}

// double reads a number, or a string that holds one or names what JSON has no
// number for.
func (n *node) double() (float64, error) {
	var s string
	switch v := n.value.(type) {
	case nil:
		return 0, nil
	case json.Number:
		s = string(v)
	case string:
		switch v {
		case "NaN":
			return math.NaN(), nil
		case "Infinity":
			return math.Inf(1), nil
		case "-Infinity":
			return math.Inf(-1), nil
		}
		s = v
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil || strings.Trim(s, "+-.0123456789eE") != "" { // ParseFloat knows more forms
		return 0, n.wrong(`a number, "NaN", "Infinity" or "-Infinity"`)
	}
	return f, nil
}

// Bits of Span.flags that say where the parent ran.
//
// Source: https://github.com/open-telemetry/opentelemetry-proto (SpanFlags)
const (
	flagHasRemote = 0x100
	flagIsRemote  = 0x200
)

var kinds = map[string]trace.SpanKind{
	"SPAN_KIND_UNSPECIFIED": trace.SpanKindUnspecified,
	"SPAN_KIND_INTERNAL":    trace.SpanKindInternal,
	"SPAN_KIND_SERVER":      trace.SpanKindServer,
	"SPAN_KIND_CLIENT":      trace.SpanKindClient,
	"SPAN_KIND_PRODUCER":    trace.SpanKindProducer,
	"SPAN_KIND_CONSUMER":    trace.SpanKindConsumer,
}

var statuses = map[string]codes.Code{
	"STATUS_CODE_UNSET": codes.Unset,
	"STATUS_CODE_OK":    codes.Ok,
	"STATUS_CODE_ERROR": codes.Error,
}

// kindNumbers and statusNumbers hold the names in the order of OTLP's numbers,
// which are not those of the Go API.
var (
	kindNumbers = [...]string{
		"SPAN_KIND_UNSPECIFIED", "SPAN_KIND_INTERNAL", "SPAN_KIND_SERVER",
		"SPAN_KIND_CLIENT", "SPAN_KIND_PRODUCER", "SPAN_KIND_CONSUMER",
	}
	statusNumbers = [...]string{"STATUS_CODE_UNSET", "STATUS_CODE_OK", "STATUS_CODE_ERROR"}
)

func span(n *node) (mapping.Span, error) {
	f := fields{node: n}
	s := mapping.Span{
		Name:              f.text("name"),
		ParentSpanID:      trace.SpanID(f.id8("parentSpanId", true)),
		TraceID:           trace.TraceID(f.id16("traceId")),
		SpanID:            trace.SpanID(f.id8("spanId", false)),
		TraceState:        f.text("traceState"),
		Kind:              kinds[f.enum("kind", kindNumbers[:])],
		StartTime:         f.integer("startTimeUnixNano", math.MaxInt64),
		EndTime:           f.integer("endTimeUnixNano", math.MaxInt64),
		Attributes:        f.attributes("attributes"),
		DroppedAttributes: f.count("droppedAttributesCount"),
		DroppedEvents:     f.count("droppedEventsCount"),
		DroppedLinks:      f.count("droppedLinksCount"),
	}
	switch flags := f.integer("flags", math.MaxUint32); {
	case flags&flagHasRemote == 0:
	case flags&flagIsRemote == 0:
		s.Parent = mapping.ParentLocal
	default:
		s.Parent = mapping.ParentRemote
	}
	f.object("status", func(f *fields) {
		s.Status = statuses[f.enum("code", statusNumbers[:])]
		s.StatusMessage = f.text("message")
	})
	f.each("events", func(f *fields) {
		s.Events = append(s.Events, mapping.Event{
			Name:       f.text("name"),
			Time:       f.integer("timeUnixNano", math.MaxInt64),
			Attributes: f.attributes("attributes"),
			Dropped:    f.count("droppedAttributesCount"),
		})
	})
	f.each("links", func(f *fields) {
		s.Links = append(s.Links, mapping.Link{
			TraceID:    trace.TraceID(f.id16("traceId")),
			SpanID:     trace.SpanID(f.id8("spanId", false)),
			TraceState: f.text("traceState"),
			Attributes: f.attributes("attributes"),
			Dropped:    f.count("droppedAttributesCount"),
		})
	})
	return s, f.err
}
