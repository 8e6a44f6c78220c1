package mapping_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"

	"github.com/lambdaxray/lambdaxray/mapping"
)

// growth are requests with very much of one thing, which a client may send as it
// likes. n is how much.
var growth = map[string]func(n int) []mapping.Span{
	"spans of one id": func(n int) []mapping.Span {
		spans := make([]mapping.Span, n)
		for i := range spans {
			spans[i] = testSpan(1, 0, attribute.Int("n", i))
		}
		return spans
	},
	"spans of one id, a twin each": func(n int) []mapping.Span {
		spans := make([]mapping.Span, n)
		for i := range spans {
			spans[i] = testSpan(1, 0)
			spans[i].Name = fmt.Sprint("span ", i/2)
		}
		return spans
	},
	"spans of the id of one with attributes": func(n int) []mapping.Span {
		spans := []mapping.Span{testSpan(1, 0, keys("k", n)...)}
		for i := range n {
			spans = append(spans, testSpan(1, 0, attribute.Int("n", i)))
		}
		return spans
	},
	"attributes of a span": func(n int) []mapping.Span { return []mapping.Span{testSpan(1, 0, keys("k", n)...)} },
	"attributes of an event": func(n int) []mapping.Span {
		s := testSpan(1, 0)
		s.Events = []mapping.Event{{Name: "e", Attributes: keys("k", n)}, {Name: "exception", Attributes: keys("k", n)}}
		return []mapping.Span{s}
	},
	"attributes of a link": func(n int) []mapping.Span {
		s := testSpan(1, 0)
		s.Links = []mapping.Link{{TraceID: s.TraceID, SpanID: s.SpanID, Attributes: keys("k", n)}}
		return []mapping.Span{s}
	},
	"annotations asked for": func(n int) []mapping.Span {
		names := make([]string, n)
		for i := range names {
			names[i] = fmt.Sprint("k", n-i)
		}
		return []mapping.Span{testSpan(1, 0, append(keys("k", n), attribute.StringSlice("aws.xray.annotations", names))...)}
	},
	"exceptions without a stack beside attributes": func(n int) []mapping.Span {
		s := testSpan(1, 0, keys("k", n)...)
		for range n {
			s.Events = append(s.Events, mapping.Event{Name: "exception", Attributes: []attribute.KeyValue{attribute.String("exception.stacktrace", "no stack")}})
		}
		return []mapping.Span{s}
	},
	"exceptions of documents": func(n int) []mapping.Span {
		s := testSpan(1, 0)
		for range n {
			s.Events = append(s.Events, mapping.Event{Name: "exception", Attributes: []attribute.KeyValue{attribute.String("aws.xray.exception.id", "0123456789abcdef")}})
		}
		return []mapping.Span{s}
	},
	"names that may be secrets": func(n int) []mapping.Span {
		return []mapping.Span{testSpan(1, 0, attribute.String("text", "--"+strings.Repeat("pwd:x ", n)+"@"))}
	},
	"children": func(n int) []mapping.Span {
		spans := make([]mapping.Span, n)
		for i := range spans {
			spans[i] = testSpan(i+1, min(i, 1))
		}
		return spans
	},
	"generations": func(n int) []mapping.Span {
		spans := make([]mapping.Span, n)
		for i := range spans {
			spans[i] = testSpan(i+1, i)
		}
		return spans
	},
}

func keys(prefix string, n int) []attribute.KeyValue {
	attrs := make([]attribute.KeyValue, n)
	for i := range attrs {
		attrs[i] = attribute.Int(fmt.Sprint(prefix, i), i)
	}
	return attrs
}

// The time to map a request grows with its size and not with its square: each of
// these takes a second at most, and by the square of its size many minutes. The
// minute that they have holds on any machine.
func TestGrowth(t *testing.T) {
	if testing.Short() {
		t.Skip("seconds")
	}
	for name, spans := range growth {
		t.Run(name, func(t *testing.T) {
			done := make(chan error, 1)
			go func() {
				_, err := mapping.New().AppendDocuments(nil, spans(200_000))
				done <- err
			}()
			select {
			case err := <-done:
				if err != nil {
					t.Error(err)
				}
			case <-time.After(time.Minute):
				t.Fatal("not done after a minute")
			}
		})
	}
}

// BenchmarkGrowth: the time for one thing stays the same.
func BenchmarkGrowth(b *testing.B) {
	for name, spans := range growth {
		for _, n := range []int{1000, 10_000} {
			b.Run(fmt.Sprintf("of=%s/n=%d", name, n), func(b *testing.B) {
				m, spans := mapping.New(), spans(n)
				for b.Loop() {
					if _, err := m.AppendDocuments(nil, spans); err != nil {
						b.Fatal(err)
					}
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*n), "ns/thing")
			})
		}
	}
}

// A client that got no answer sends its spans again: the documents are those of
// one of them, whatever stands between.
func TestRepeatedSpans(t *testing.T) {
	resource := func() *mapping.Resource {
		return mapping.NewResource([]attribute.KeyValue{attribute.String("service.name", "shop")})
	}
	request := func() []mapping.Span {
		s := testSpan(1, 0, attribute.StringSlice("list", []string{"a", "b"}))
		s.Resource = resource()
		s.Events = []mapping.Event{{Name: "e", Attributes: keys("k", 2)}}
		s.Links = []mapping.Link{{TraceID: trace.TraceID{9}, SpanID: trace.SpanID{9}, Attributes: keys("k", 2)}}
		other := s // of the same id, and another span
		other.Attributes = []attribute.KeyValue{attribute.StringSlice("list", []string{"a", "c"})}
		child := testSpan(2, 1)
		child.Resource = s.Resource
		return []mapping.Span{s, other, child}
	}
	m := mapping.New()
	want, err := m.AppendDocuments(nil, request())
	if err != nil || len(want) != 2 {
		t.Fatalf("%d documents, %v, want one for each of two spans of an id", len(want), err)
	}
	got, err := m.AppendDocuments(nil, append(append(request(), request()...), request()...))
	if err != nil || !bytes.Equal(bytes.Join(got, nil), bytes.Join(want, nil)) {
		t.Errorf("three times: got\n%s\nwant\n%s", bytes.Join(got, []byte("\n")), bytes.Join(want, []byte("\n")))
	}
	for name, change := range map[string]func(*mapping.Span){
		"start":                func(s *mapping.Span) { s.StartTime++ },
		"end":                  func(s *mapping.Span) { s.EndTime++ },
		"name":                 func(s *mapping.Span) { s.Name = "x" },
		"parent":               func(s *mapping.Span) { s.ParentSpanID = spanID(9) },
		"trace state":          func(s *mapping.Span) { s.TraceState = "a=b" },
		"origin of its parent": func(s *mapping.Span) { s.Parent = mapping.ParentRemote },
		"kind":                 func(s *mapping.Span) { s.Kind = trace.SpanKindClient },
		"status":               func(s *mapping.Span) { s.Status = codes.Error },
		"status message":       func(s *mapping.Span) { s.StatusMessage = "x" },
		"dropped attributes":   func(s *mapping.Span) { s.DroppedAttributes = 1 },
		"dropped events":       func(s *mapping.Span) { s.DroppedEvents = 1 },
		"dropped links":        func(s *mapping.Span) { s.DroppedLinks = 1 },
		"scope":                func(s *mapping.Span) { s.ScopeName = "x" },
		"scope's version":      func(s *mapping.Span) { s.ScopeVersion = "x" },
		"owner":                func(s *mapping.Span) { s.FunctionSegment = mapping.FunctionSegmentOwn },
		"place":                func(s *mapping.Span) { s.Initialization = true },
		"attribute":            func(s *mapping.Span) { s.Attributes = keys("k", 1) },
		"event":                func(s *mapping.Span) { s.Events[0].Name = "x" },
		"event's time":         func(s *mapping.Span) { s.Events[0].Time = 1 },
		"event's attribute":    func(s *mapping.Span) { s.Events[0].Attributes = keys("k", 3) },
		"event's dropped":      func(s *mapping.Span) { s.Events[0].Dropped = 1 },
		"number of events":     func(s *mapping.Span) { s.Events = nil },
		"link's trace":         func(s *mapping.Span) { s.Links[0].TraceID[1]++ },
		"link's span":          func(s *mapping.Span) { s.Links[0].SpanID[1]++ },
		"link's trace state":   func(s *mapping.Span) { s.Links[0].TraceState = "a=b" },
		"link's attribute":     func(s *mapping.Span) { s.Links[0].Attributes = keys("k", 3) },
		"link's dropped":       func(s *mapping.Span) { s.Links[0].Dropped = 1 },
		"number of links":      func(s *mapping.Span) { s.Links = nil },
		"resource":             func(s *mapping.Span) { s.Resource = nil },
		"function of the resource": func(s *mapping.Span) {
			s.Resource = mapping.NewResource([]attribute.KeyValue{attribute.String("service.name", "shop"), attribute.String("cloud.platform", "aws_lambda")})
		},
	} {
		second := request()[:1]
		change(&second[0])
		if got, _ := m.AppendDocuments(nil, append(request(), second...)); len(got) != 3 {
			t.Errorf("other in its %s: %d documents, want 3", name, len(got))
		}
	}
}
