package compare

import (
	"time"

	"go.opentelemetry.io/otel/sdk/instrumentation"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"

	"github.com/lambdaxray/lambdaxray/mapping"
)

// stub is a span in the SDK's form.
func stub(s mapping.Span, remoteParent bool, res *resource.Resource) tracetest.SpanStub {
	out := tracetest.SpanStub{
		Name: s.Name,
		SpanContext: trace.NewSpanContext(trace.SpanContextConfig{
			TraceID: s.TraceID, SpanID: s.SpanID, TraceFlags: trace.FlagsSampled,
		}),
		Parent: trace.NewSpanContext(trace.SpanContextConfig{
			TraceID: s.TraceID, SpanID: s.ParentSpanID, TraceFlags: trace.FlagsSampled, Remote: remoteParent,
		}),
		SpanKind:             s.Kind,
		StartTime:            time.Unix(0, s.StartTime),
		EndTime:              time.Unix(0, s.EndTime),
		Attributes:           s.Attributes,
		Status:               sdktrace.Status{Code: s.Status, Description: s.StatusMessage},
		Resource:             res,
		InstrumentationScope: instrumentation.Scope{Name: s.ScopeName, Version: s.ScopeVersion},
	}
	for _, e := range s.Events {
		event := sdktrace.Event{Name: e.Name, Attributes: e.Attributes}
		if e.Time != 0 {
			event.Time = time.Unix(0, e.Time)
		}
		out.Events = append(out.Events, event)
	}
	return out
}
