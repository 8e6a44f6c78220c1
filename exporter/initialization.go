package exporter

import (
	"encoding/json"
	"strings"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"

	"github.com/lambdaxray/lambdaxray/mapping"
)

// maxInitializationAge is how long before its trace initialization may lie to be
// shown in it. Provisioned concurrency and SnapStart have hours between the two, and
// so have unsampled invocations: at their real times the spans would make the trace
// as long.
const maxInitializationAge = time.Minute

// initializing reports whether t is part of the initialization, as far as is known
// by now.
func (t *tree) initializing(p *Processor) bool {
	return t.early && !p.invoked.Load()
}

// keepInitial counts a span of initialization and reports whether there is room
// for it.
func (p *Processor) keepInitial() bool {
	if p.initCount == maxInitializationSpans {
		p.exporter.lostSpans.Add(1)
		p.reports.unkept.Add(1)
		return false
	}
	p.initCount++
	return true
}

// addInitialization adds what ran before the handler to the trace of the
// function span b.spans[i]. In an own function segment that is the subsegment
// Initialization, as Lambda writes it: from the start of the process to just
// before the segment, and there on every cold start. Where the platform has
// written its own, only spans that were made are added, beneath one subsegment
// init. What is too old becomes metadata of the function span.
func (p *Processor) addInitialization(b *batch, i int, inv *tree, cold bool) {
	var spans []mapping.Span
	if inv.initial != nil {
		spans = b.describeOld(i, inv.initial.spans)
	}
	platform := inv.owner == mapping.FunctionSegmentPlatform
	before := !platform && cold && p.config.lambda && p.config.onDemand()
	if len(spans) == 0 && !before || inv.sent {
		return
	}
	part := b.grow()
	function := &b.spans[i]
	part.Name, part.Initialization = mapping.PartInitialization, true
	part.TraceID = function.TraceID
	part.ParentSpanID, part.Parent = function.SpanID, mapping.ParentLocal
	part.Kind = trace.SpanKindInternal
	part.Resource = function.Resource
	part.StartTime, part.EndTime = bounds(spans)
	if platform {
		part.Name = "init"
		part.ParentSpanID, part.Parent = function.ParentSpanID, mapping.ParentRemote
	} else {
		if arn := functionARN(function); arn != "" {
			part.Attributes = []attribute.KeyValue{keyResourceID.String(arn)}
		}
		if before {
			part.EndTime = function.StartTime - 1
			part.StartTime = min(p.processStart(), part.EndTime)
			if part.EndTime-part.StartTime > int64(maxInitializationAge) {
				part.StartTime = part.EndTime // a container that waited for its first request
			}
		}
	}
	part.SpanID = mapping.DeriveID(function.SpanID, part.Name)
	b.addRetraced(spans, part.TraceID, part.SpanID)
}

// describeOld adds those of spans that ended too long before the function span
// b.spans[i] to its metadata, and returns the others.
func (b *batch) describeOld(i int, spans []mapping.Span) (recent []mapping.Span) {
	type old struct {
		Name     string  `json:"name"`
		Offset   float64 `json:"offset"`   // seconds from the start of the function span: negative
		Duration float64 `json:"duration"` // seconds
	}
	var all struct {
		Spans []old `json:"spans"`
	}
	function := &b.spans[i]
	for j := range spans {
		s := &spans[j]
		end := max(s.StartTime, s.EndTime) // one that is open has none
		if function.StartTime-end <= int64(maxInitializationAge) {
			recent = append(recent, *s)
			continue
		}
		all.Spans = append(all.Spans, old{
			Name:     strings.ToValidUTF8(s.Name, "\uFFFD"),
			Offset:   time.Duration(s.StartTime - function.StartTime).Seconds(),
			Duration: time.Duration(end - s.StartTime).Seconds(),
		})
	}
	if len(all.Spans) > 0 {
		if text, err := json.Marshal(all); err == nil { // it cannot fail
			b.addAttributes(function, keyOldSpans.String(string(text)))
		}
	}
	return recent
}

// keyOldSpans is a metadata namespace: initialization.
const keyOldSpans = attribute.Key("aws.xray.metadata.initialization")

// bounds returns the first start and the last end of spans.
func bounds(spans []mapping.Span) (start, end int64) {
	for i := range spans {
		if i == 0 {
			start = spans[i].StartTime
		}
		start = min(start, spans[i].StartTime)
		end = max(end, spans[i].EndTime)
	}
	return start, end
}

// addRetraced appends copies of spans that are in the trace id, and beneath
// parent where theirs is not among them.
func (b *batch) addRetraced(spans []mapping.Span, id trace.TraceID, parent trace.SpanID) {
	known := make(map[spanKey]bool, len(spans))
	for i := range spans {
		known[spanKey{spans[i].TraceID, spans[i].SpanID}] = true
	}
	for i := range spans {
		s := b.grow()
		*s = spans[i]
		if !known[spanKey{s.TraceID, s.ParentSpanID}] {
			s.ParentSpanID = parent
		}
		s.TraceID, s.Parent = id, mapping.ParentLocal
	}
}

func functionARN(s *mapping.Span) string {
	for _, key := range []attribute.Key{keyResourceID, "faas.id", keyInvokedARN} {
		if v, ok := lookup(s.Attributes, key); ok {
			return v.AsString()
		}
	}
	return ""
}
