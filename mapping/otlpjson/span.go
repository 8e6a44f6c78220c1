package otlpjson

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"math"

	"go.opentelemetry.io/otel/attribute"

	"github.com/lambdaxray/lambdaxray/mapping"
	"github.com/lambdaxray/lambdaxray/mapping/batch"
)

// Names of enums in the order of OTLP's numbers.
var (
	kindNames = []string{
		"SPAN_KIND_UNSPECIFIED", "SPAN_KIND_INTERNAL", "SPAN_KIND_SERVER",
		"SPAN_KIND_CLIENT", "SPAN_KIND_PRODUCER", "SPAN_KIND_CONSUMER",
	}
	statusNames = []string{"STATUS_CODE_UNSET", "STATUS_CODE_OK", "STATUS_CODE_ERROR"}
)

// Ids that a span or a link must have, as bits.
const (
	hasTraceID = 1 << iota
	hasSpanID
)

// span appends a span, without its resource and scope.
func (d *decoder) span() error {
	d.batch.Spans = append(d.batch.Spans, mapping.Span{})
	s := &d.batch.Spans[len(d.batch.Spans)-1]
	have := 0
	err := d.members(func(d *decoder, key string) error { return under(key, d.spanMember(s, key, &have)) })
	if err != nil {
		return err
	}
	return d.needIDs(have)
}

func (d *decoder) spanMember(s *mapping.Span, key string, have *int) (err error) {
	switch key {
	case "traceId":
		*have |= hasTraceID
		err = d.id(s.TraceID[:], false)
	case "spanId":
		*have |= hasSpanID
		err = d.id(s.SpanID[:], false)
	case "parentSpanId":
		err = d.id(s.ParentSpanID[:], true)
	case "name":
		s.Name, err = d.text()
	case "traceState":
		s.TraceState, err = d.text()
	case "kind":
		var n int32
		n, err = d.enum(kindNames)
		s.Kind = batch.Kind(n)
	case "startTimeUnixNano":
		s.StartTime, err = d.integer(0, math.MaxInt64)
	case "endTimeUnixNano":
		s.EndTime, err = d.integer(0, math.MaxInt64)
	case "attributes":
		s.Attributes, err = d.attributeList()
	case "droppedAttributesCount":
		s.DroppedAttributes, err = d.count()
	case "droppedEventsCount":
		s.DroppedEvents, err = d.count()
	case "droppedLinksCount":
		s.DroppedLinks, err = d.count()
	case "flags":
		var flags int64
		flags, err = d.integer(0, math.MaxUint32)
		s.Parent = batch.ParentOrigin(uint32(flags))
	case "status":
		err = d.status(s)
	case "events":
		first := len(d.batch.Events)
		err = d.list((*decoder).event)
		s.Events = batch.Since(d.batch.Events, first)
	case "links":
		first := len(d.batch.Links)
		err = d.list((*decoder).link)
		s.Links = batch.Since(d.batch.Links, first)
	default:
		err = d.skip()
	}
	return err
}

func (d *decoder) status(s *mapping.Span) error {
	s.Status, s.StatusMessage = 0, ""
	return d.members(func(d *decoder, key string) (err error) {
		switch key {
		case "code":
			var n int32
			n, err = d.enum(statusNames)
			s.Status = batch.Status(n)
		case "message":
			s.StatusMessage, err = d.text()
		default:
			return d.skip()
		}
		return under(key, err)
	})
}

func (d *decoder) event() error {
	d.batch.Events = append(d.batch.Events, mapping.Event{})
	e := &d.batch.Events[len(d.batch.Events)-1]
	return d.members(func(d *decoder, key string) (err error) {
		switch key {
		case "name":
			e.Name, err = d.text()
		case "timeUnixNano":
			e.Time, err = d.integer(0, math.MaxInt64)
		case "attributes":
			e.Attributes, err = d.attributeList()
		case "droppedAttributesCount":
			e.Dropped, err = d.count()
		default:
			return d.skip()
		}
		return under(key, err)
	})
}

func (d *decoder) link() error {
	d.batch.Links = append(d.batch.Links, mapping.Link{})
	l := &d.batch.Links[len(d.batch.Links)-1]
	have := 0
	err := d.members(func(d *decoder, key string) (err error) {
		switch key {
		case "traceId":
			have |= hasTraceID
			err = d.id(l.TraceID[:], false)
		case "spanId":
			have |= hasSpanID
			err = d.id(l.SpanID[:], false)
		case "traceState":
			l.TraceState, err = d.text()
		case "attributes":
			l.Attributes, err = d.attributeList()
		case "droppedAttributesCount":
			l.Dropped, err = d.count()
		default:
			return d.skip()
		}
		return under(key, err)
	})
	if err != nil {
		return err
	}
	return d.needIDs(have)
}

func (d *decoder) needIDs(have int) error {
	switch {
	case have&hasTraceID == 0:
		return under("traceId", absent("32 hex digits"))
	case have&hasSpanID == 0:
		return under("spanId", absent("16 hex digits"))
	}
	return nil
}

// id reads an id from hex digits of either case, or from base64, in which protobuf's
// own JSON has it: Tempo's answers do.
func (d *decoder) id(id []byte, optional bool) error {
	clear(id)
	start := d.at
	if d.peek() == '"' {
		s, err := d.str()
		if err != nil {
			return err
		}
		if optional && s == "" {
			return nil
		}
		if len(s) == hex.EncodedLen(len(id)) && decodeHex(id, s) {
			return nil
		}
		if len(s) == base64.StdEncoding.EncodedLen(len(id)) {
			if b, err := base64.StdEncoding.Strict().DecodeString(s); err == nil && len(b) == len(id) {
				copy(id, b)
				return nil
			}
		}
	} else if optional && d.isNull() {
		return d.literal("null")
	}
	d.at = start
	return d.wrong(fmt.Sprintf("%d hex digits", hex.EncodedLen(len(id))))
}

func decodeHex(dst []byte, s string) bool {
	for i := range dst {
		high, low := hexDigit(s[2*i]), hexDigit(s[2*i+1])
		if high|low > 15 {
			return false
		}
		dst[i] = high<<4 | low
	}
	return true
}

// hexDigit returns the value of a digit of either case, or 255.
func hexDigit(c byte) byte {
	switch {
	case '0' <= c && c <= '9':
		return c - '0'
	case 'a' <= c && c <= 'f':
		return c - 'a' + 10
	case 'A' <= c && c <= 'F':
		return c - 'A' + 10
	}
	return 255
}

func (d *decoder) count() (int, error) {
	n, err := d.integer(0, math.MaxUint32)
	return int(n), err
}

// enum reads a number or the name of one.
func (d *decoder) enum(names []string) (int32, error) {
	start := d.at
	if d.peek() == '"' {
		s, err := d.str()
		if err != nil {
			return 0, err
		}
		for i, name := range names {
			if s == name {
				return int32(i), nil
			}
		}
		d.at = start
	}
	n, err := d.integer(math.MinInt32, math.MaxInt32)
	if _, ok := err.(*fieldError); ok {
		d.at = start
		return 0, d.wrong(fmt.Sprintf("a number or one of %q", names))
	}
	return int32(n), err
}

// list reads every element of a list; the first that read cannot read ends it.
func (d *decoder) list(read func(*decoder) error) error {
	more, err := d.enter('[', "a list")
	for i := 0; more; i++ {
		if err = read(d); err != nil {
			return element(i, err)
		}
		more, err = d.next(']')
	}
	return err
}

func (d *decoder) attributeList() ([]attribute.KeyValue, error) {
	first := len(d.batch.Attributes)
	err := d.attributes()
	return batch.Since(d.batch.Attributes, first), err
}
