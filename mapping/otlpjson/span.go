package otlpjson

import (
	"encoding/hex"
	"fmt"
	"math"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"

	"github.com/lambdaxray/lambdaxray/mapping"
)

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

// fields reads the members of an object. After the first error it reads
// nothing more: the callers look at err once, at the end.
type fields struct {
	node *node
	err  error
}

// read returns what read makes of a member.
func read[T any](f *fields, key string, read func(*node) (T, error)) (v T) {
	if f.err != nil {
		return v
	}
	at := f.node.field(key)
	got, err := read(&at)
	if err != nil {
		f.err = err
		return v
	}
	return got
}

func (f *fields) text(key string) string { return read(f, key, (*node).text) }

func (f *fields) attributes(key string) []attribute.KeyValue {
	return read(f, key, (*node).attributes)
}

func (f *fields) integer(key string, highest int64) int64 {
	return read(f, key, func(n *node) (int64, error) { return n.integer(0, highest) })
}

func (f *fields) count(key string) int { return int(f.integer(key, math.MaxUint32)) }

// enum reads the name of an enum's value. A number that is not known is the
// default, as for any reader that is older than the writer.
func (f *fields) enum(key string, names []string) string {
	return read(f, key, func(n *node) (string, error) {
		if name, ok := n.value.(string); ok {
			for _, known := range names {
				if name == known {
					return name, nil
				}
			}
		}
		i, err := n.integer(math.MinInt32, math.MaxInt32)
		if err != nil {
			return "", n.wrong(fmt.Sprintf("a number or one of %q", names))
		}
		if i < 0 || i >= int64(len(names)) {
			i = 0
		}
		return names[i], nil
	})
}

func (f *fields) id16(key string) (id [16]byte) {
	f.id(key, id[:], false)
	return id
}

func (f *fields) id8(key string, optional bool) (id [8]byte) {
	f.id(key, id[:], optional)
	return id
}

// id reads an id from hex digits of either case.
func (f *fields) id(key string, id []byte, optional bool) {
	read(f, key, func(n *node) (struct{}, error) {
		s, ok := n.value.(string)
		if optional && (n.value == nil || ok && s == "") {
			return struct{}{}, nil
		}
		if ok && len(s) == hex.EncodedLen(len(id)) {
			if _, err := hex.Decode(id, []byte(s)); err == nil {
				return struct{}{}, nil
			}
		}
		return struct{}{}, n.wrong(fmt.Sprintf("%d hex digits", hex.EncodedLen(len(id))))
	})
}

// object reads the members of an object that may be absent.
func (f *fields) object(key string, members func(*fields)) {
	read(f, key, func(n *node) (struct{}, error) {
		inner := fields{node: n, err: n.object()}
		members(&inner)
		return struct{}{}, inner.err
	})
}

// each reads the members of every object in a list.
func (f *fields) each(key string, members func(*fields)) {
	read(f, key, func(n *node) (struct{}, error) {
		elements, err := n.list()
		for i := 0; i < len(elements) && err == nil; i++ {
			at := n.element(elements, i)
			inner := fields{node: &at, err: at.object()}
			members(&inner)
			err = inner.err
		}
		return struct{}{}, err
	})
}
