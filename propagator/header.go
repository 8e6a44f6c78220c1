package propagator

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"iter"
	"strings"

	"go.opentelemetry.io/otel/trace"
)

const (
	maxHeaderLen = 256

	// maxFieldsLen is what maxHeaderLen leaves for the other fields and the
	// semicolon before them when Root, Parent and Sampled are all there.
	maxFieldsLen = maxHeaderLen - len("Root=1-01234567-0123456789abcdef01234567;Parent=0123456789abcdef;Sampled=1;")

	keyLineage = "Lineage"
)

// Sampling is the decision in a tracing header.
type Sampling uint8

const (
	// SamplingUnset: no Sampled field, or a value nobody defined. The receiver decides.
	SamplingUnset Sampling = iota
	// SamplingNo: Sampled=0.
	SamplingNo
	// SamplingYes: Sampled=1.
	SamplingYes
	// SamplingRequested: Sampled=?. The receiver decides, and the sender would
	// like to hear what.
	SamplingRequested
)

// String returns the value as the header spells it, and "" for [SamplingUnset].
func (s Sampling) String() string {
	switch s {
	case SamplingNo:
		return "0"
	case SamplingYes:
		return "1"
	case SamplingRequested:
		return "?"
	default:
		return ""
	}
}

// Header is an X-Ray tracing header. The zero value is no header at all: it
// formats as the empty string and gives an invalid span context.
//
// Headers are comparable with == and safe for concurrent use.
//
// Source: https://docs.aws.amazon.com/xray/latest/devguide/xray-concepts.html#xray-concepts-tracingheader
type Header struct {
	Root    trace.TraceID
	Parent  trace.SpanID // zero: the header names a trace and no span
	Sampled Sampling

	// fields are the other fields in wire form, trimmed, in order, without Self,
	// and at most maxFieldsLen long.
	fields string
}

// ParseHeader reads a tracing header.
//
// Fields may come in any order, with spaces and tabs around keys and values. Of a
// repeated field the last good one counts. A Sampled value other than 0, 1 and ?
// reads as [SamplingUnset]. Hex digits may be of either case. Load balancers pass an
// empty Parent on; it reads as none. Other fields are kept, but for Self, for those
// with control or non-ASCII characters, which no HTTP header may carry, and for
// those that would make an outgoing header longer than 256 characters: fields from
// the end give way first, Lineage last.
//
// The error names the first field that is malformed, or else a Root that is missing.
// The Header then has all that is good: without its Parent it still names the trace,
// without a Root it still has the decision and the other fields, and never a Parent,
// which is nobody's. A well-formed header is parsed without allocating and shares
// s's memory.
func ParseHeader(s string) (Header, error) {
	var (
		h        Header
		bad      error
		from, to int // the run of other fields that lie side by side in s
		split    bool
	)
	for start := 0; start < len(s); {
		end := len(s)
		if i := strings.IndexByte(s[start:], ';'); i >= 0 {
			end = start + i
		}
		key, value := cutField(s[start:end])
		switch key {
		case "Root":
			if id, ok := parseTraceID(value); ok {
				h.Root = id
			} else if bad == nil {
				bad = fieldError("Root", value, "1-<8 hex digits>-<24 hex digits>, not all zero")
			}
		case "Parent":
			if id, ok := parseSpanID(value); ok {
				h.Parent = id
			} else if bad == nil && value != "" {
				bad = fieldError("Parent", value, "16 hex digits, not all zero")
			}
		case "Sampled":
			h.Sampled = parseSampling(value)
		default:
			field := trim(s[start:end])
			if !keeps(key, field) {
				break
			}
			if to == 0 {
				from = start + leading(s[start:end])
				to = from + len(field)
			} else if start == to+1 && leading(s[start:end]) == 0 {
				to += 1 + len(field)
			} else {
				split = true
			}
		}
		start = end + 1
	}
	h.fields = s[from:to]
	if split || len(h.fields) > maxFieldsLen {
		h.fields = joinFields(s)
	}
	if !h.Root.IsValid() {
		h.Parent = trace.SpanID{}
		if bad == nil {
			bad = errNoRoot
		}
	}
	return h, bad
}

var errNoRoot = errors.New("tracing header: Root is missing, want Root=1-<8 hex digits>-<24 hex digits>")

func fieldError(field, value, want string) error {
	// A header comes from anywhere; the message must stay short.
	if len(value) > 64 {
		value = value[:64] + "..."
	}
	return fmt.Errorf("tracing header: %s is %q, want %s", field, value, want)
}

// String returns the header as it goes out: Root, Parent, Sampled, then the other
// fields in order, at most 256 characters. It is "" without a Root.
//
// Parent and Sampled go out both or neither. A Parent without a decision gets
// Sampled=?, which means the same; a decision without a Parent stays out.
func (h Header) String() string {
	return string(h.Append(make([]byte, 0, maxHeaderLen)))
}

// Append appends what [Header.String] returns to dst.
func (h Header) Append(dst []byte) []byte {
	if !h.Root.IsValid() {
		return dst
	}
	dst = append(dst, "Root=1-"...)
	dst = hex.AppendEncode(dst, h.Root[:4])
	dst = append(dst, '-')
	dst = hex.AppendEncode(dst, h.Root[4:])
	if h.Parent.IsValid() {
		dst = append(dst, ";Parent="...)
		dst = hex.AppendEncode(dst, h.Parent[:])
		dst = append(dst, ";Sampled="...)
		switch h.Sampled {
		case SamplingNo:
			dst = append(dst, '0')
		case SamplingYes:
			dst = append(dst, '1')
		default:
			dst = append(dst, '?')
		}
	}
	if h.fields != "" {
		dst = append(dst, ';')
		dst = append(dst, h.fields...)
	}
	return dst
}

// SpanContext returns the span context the header names, marked remote.
//
// It is valid if the header has a Parent. A header with a Root only gives a
// context that is not valid and still has the trace id: the OpenTelemetry SDK then
// starts a root span in that trace. The sampled flag is set for [SamplingYes] alone;
// the flag cannot tell no from undecided, Sampled can.
func (h Header) SpanContext() trace.SpanContext {
	var flags trace.TraceFlags
	if h.Sampled == SamplingYes {
		flags = trace.FlagsSampled
	}
	return trace.NewSpanContext(trace.SpanContextConfig{
		TraceID:    h.Root,
		SpanID:     h.Parent,
		TraceFlags: flags,
		Remote:     true,
	})
}

// WithSpanContext returns the header with Root, Parent and Sampled of sc and h's
// other fields: the header of a call that the span sc makes.
func (h Header) WithSpanContext(sc trace.SpanContext) Header {
	h.Root = sc.TraceID()
	h.Parent = sc.SpanID()
	h.Sampled = SamplingNo
	if sc.IsSampled() {
		h.Sampled = SamplingYes
	}
	return h
}

// Lineage returns the value of the Lineage field, and "" if there is none. Lambda
// counts the hops of an event in it.
//
// Source: https://docs.aws.amazon.com/lambda/latest/dg/invocation-recursion.html
func (h Header) Lineage() string {
	_, value := cutField(fieldNamed(h.fields, keyLineage))
	return value
}

// Fields yields key and value of every field other than Root, Parent, Sampled and
// Self, in order. A field without an equals sign has an empty value.
func (h Header) Fields() iter.Seq2[string, string] {
	return func(yield func(string, string) bool) {
		for field := range strings.SplitSeq(h.fields, ";") {
			if field != "" && !yield(cutField(field)) {
				return
			}
		}
	}
}

// withLineageOf returns h with the Lineage of other if h has none of its own.
func (h Header) withLineageOf(other Header) Header {
	if lineage := other.Lineage(); lineage != "" && h.Lineage() == "" {
		h.fields = joinFields(h.fields + ";" + keyLineage + "=" + lineage)
	}
	return h
}

type headerKey struct{}

// ContextWithHeader returns a context that carries h, for [XRay] and [Lambda] to
// send its other fields on.
func ContextWithHeader(ctx context.Context, h Header) context.Context {
	return context.WithValue(ctx, headerKey{}, h)
}

// HeaderFromContext returns the header that [ContextWithHeader] or an Extract put
// into ctx, as it came in.
func HeaderFromContext(ctx context.Context) (Header, bool) {
	h, ok := ctx.Value(headerKey{}).(Header)
	return h, ok
}
