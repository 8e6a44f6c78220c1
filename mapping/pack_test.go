package mapping_test

import (
	"encoding/binary"
	"encoding/json"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"

	"github.com/lambdaxray/lambdaxray/mapping"
	"github.com/lambdaxray/lambdaxray/mapping/segment"
)

var testTrace = trace.TraceID{0x6a, 0xe7, 0x29, 0xc0, 0xa0, 0x06, 0x64, 0x91, 0x27, 0xe3, 0x71, 0x90, 0x3a, 0x2d, 0xe9, 0x79}

func spanID(n int) (id trace.SpanID) {
	binary.BigEndian.PutUint64(id[:], uint64(n))
	return id
}

// testSpan is an INTERNAL span with local parent; 0 is no parent.
func testSpan(id, parent int, attrs ...attribute.KeyValue) mapping.Span {
	return mapping.Span{
		Name: "work", TraceID: testTrace, SpanID: spanID(id), ParentSpanID: spanID(parent),
		Kind: trace.SpanKindInternal, StartTime: 1793534400e9 + int64(id), EndTime: 1793534401e9, Attributes: attrs,
	}
}

func documents(t *testing.T, m *mapping.Mapper, spans []mapping.Span) []*segment.Document {
	t.Helper()
	raw, err := m.AppendDocuments(nil, spans)
	if err != nil {
		t.Fatal(err)
	}
	return parse(t, raw)
}

func parse(t *testing.T, raw [][]byte) []*segment.Document {
	t.Helper()
	docs := make([]*segment.Document, len(raw))
	for i, r := range raw {
		d, err := segment.Parse(r)
		if err != nil {
			t.Fatalf("%v in %s", err, r)
		}
		docs[i] = d
	}
	return docs
}

// walk calls f for every segment and subsegment.
func walk(docs []*segment.Document, f func(*segment.Document)) {
	for _, d := range docs {
		f(d)
		walk(d.Subsegments, f)
	}
}

func TestChildrenNestInOneDocument(t *testing.T) {
	spans := []mapping.Span{testSpan(1, 0), testSpan(2, 1), testSpan(3, 1), testSpan(4, 3)}
	docs := documents(t, mapping.New(), spans)
	if len(docs) != 1 {
		t.Fatalf("%d documents, want 1", len(docs))
	}
	root := docs[0]
	if len(root.Subsegments) != 2 || root.Subsegments[0].ID != "0000000000000002" || len(root.Subsegments[1].Subsegments) != 1 {
		t.Errorf("tree is not that of the spans: %+v", root)
	}
}

// A tree over budget: every document within it, every span once, children below
// the right parents, and no more documents than the bytes ask for.
func TestSplit(t *testing.T) {
	filler := attribute.String("filler", strings.Repeat("x", 400))
	for name, parent := range map[string]func(i int) int{
		"flat":  func(int) int { return 1 },
		"chain": func(i int) int { return i - 1 },
		"tree":  func(i int) int { return i / 3 },
	} {
		t.Run(name, func(t *testing.T) {
			const n, budget = 500, 8 << 10
			spans := []mapping.Span{testSpan(1, 0, filler)}
			parents := map[string]string{}
			for i := 2; i <= n; i++ {
				s := testSpan(i, max(parent(i), 1), filler)
				spans = append(spans, s)
				parents[s.SpanID.String()] = s.ParentSpanID.String()
			}
			raw, err := mapping.New(mapping.WithBudget(budget)).AppendDocuments(nil, spans)
			if err != nil {
				t.Fatal(err)
			}
			bytes := 0
			for _, r := range raw {
				bytes += len(r)
				if len(r) > budget {
					t.Errorf("a document of %d bytes, budget %d", len(r), budget)
				}
			}
			seen := map[string]int{}
			for _, d := range parse(t, raw) {
				if d.Type == "subsegment" && d.ParentID != parents[d.ID] {
					t.Errorf("%s: parent_id %s, want %s", d.ID, d.ParentID, parents[d.ID])
				}
				walk([]*segment.Document{d}, func(d *segment.Document) {
					seen[d.ID]++
					for _, c := range d.Subsegments {
						if parents[c.ID] != d.ID {
							t.Errorf("%s is below %s, want below %s", c.ID, d.ID, parents[c.ID])
						}
					}
				})
			}
			if len(seen) != n {
				t.Errorf("%d spans in the documents, want %d", len(seen), n)
			}
			for id, times := range seen {
				if times != 1 {
					t.Errorf("%s is there %d times", id, times)
				}
			}
			// Flat children cannot share a document once they are cut off.
			if name != "flat" && len(raw) > 2*bytes/budget+1 {
				t.Errorf("%d documents for %d bytes at %d a document", len(raw), bytes, budget)
			}
		})
	}
}

// A span over budget by itself loses its deeper frames, then all of them, then
// its largest metadata, and the document says how much went.
func TestTrim(t *testing.T) {
	stack := "goroutine 1 [running]:\n" + strings.Repeat("main.f(0x1)\n\t/var/task/"+strings.Repeat("d/", 60)+"main.go:12 +0x1d\n", 50)
	exception := mapping.Event{Name: "exception", Attributes: []attribute.KeyValue{
		attribute.String("exception.type", "T"), attribute.String("exception.message", "m"), attribute.String("exception.stacktrace", stack),
	}}
	small, large := attribute.String("small", "kept"), attribute.String("large", strings.Repeat("l", 1<<20))
	for name, c := range map[string]struct {
		span   func(*mapping.Span)
		budget int
		want   map[string]any // lambdaxray.trimmed
		frames int
		small  bool
	}{
		"frames": {func(s *mapping.Span) { s.Events = []mapping.Event{exception} }, 6 << 10, map[string]any{"stack_frames": 40.0}, 10, true},
		"all frames": {func(s *mapping.Span) {
			s.Events = []mapping.Event{exception}
			s.Attributes = append(s.Attributes, attribute.String("a", strings.Repeat("a", 3500)))
		}, 4 << 10, map[string]any{"stack_frames": 50.0}, 0, true},
		"a megabyte": {func(s *mapping.Span) { s.Attributes = append(s.Attributes, large) }, 48 << 10, map[string]any{"metadata_members": 1.0, "bytes": float64(1<<20 + len(`,"large":""`))}, 0, true},
		"a resource": {func(s *mapping.Span) {
			s.Kind, s.Parent = trace.SpanKindServer, mapping.ParentRemote
			s.Resource = mapping.NewResource([]attribute.KeyValue{attribute.String("service.name", "shop"), attribute.String("large", strings.Repeat("l", 1<<20))})
		}, 48 << 10, map[string]any{"metadata_members": 1.0, "bytes": float64(1<<20 + len(`,"otel.resource":{"service.name":"shop","large":""}`))}, 0, true},
		"long message": {func(s *mapping.Span) { s.Status, s.StatusMessage = codes.Error, strings.Repeat("m", 1<<20) }, 48 << 10, map[string]any{"texts": 1.0, "bytes": float64(1<<20 - 250)}, 0, true},
	} {
		t.Run(name, func(t *testing.T) {
			s := testSpan(2, 1, small)
			c.span(&s)
			m := mapping.New(mapping.WithBudget(c.budget))
			raw, err := m.AppendDocuments(nil, []mapping.Span{testSpan(1, 0), s})
			if err != nil {
				t.Fatal(err)
			}
			for _, r := range raw {
				if len(r) > c.budget {
					t.Errorf("a document of %d bytes, budget %d", len(r), c.budget)
				}
			}
			walk(parse(t, raw), func(d *segment.Document) {
				if d.ID != "0000000000000002" {
					return
				}
				if diff := cmp.Diff(c.want, d.Metadata["default"]["lambdaxray.trimmed"]); diff != "" {
					t.Errorf("counts (-want +got):\n%s", diff)
				}
				if _, ok := d.Metadata["default"]["small"]; ok != c.small {
					t.Errorf("small attribute kept: %v, want %v", ok, c.small)
				}
				if d.Cause != nil && len(d.Cause.Exceptions[0].Stack) != c.frames {
					t.Errorf("%d frames, want %d", len(d.Cause.Exceptions[0].Stack), c.frames)
				}
			})
			if got := m.Stats().Trimmed; got != 1 {
				t.Errorf("Stats().Trimmed = %d, want 1", got)
			}
		})
	}
}

// Whatever is large about a span, its document fits the smallest budget.
func TestTrimAlwaysFits(t *testing.T) {
	big := strings.Repeat("\x01", 2<<10) // six bytes each in JSON
	s := testSpan(2, 1)
	s.Name, s.StatusMessage, s.Status, s.Kind = big, big, codes.Error, trace.SpanKindClient
	for _, key := range []string{"http.request.method", "url.full", "user_agent.original", "aws.region", "rpc.method", "aws.s3.bucket",
		"aws.s3.key", "db.query.text", "db.user", "peer.service", "x", "aws.xray.metadata.ns"} {
		s.Attributes = append(s.Attributes, attribute.String(key, big))
	}
	s.Attributes = append(s.Attributes, attribute.String("rpc.system", "aws-api"), attribute.StringSlice("aws.dynamodb.table_names", []string{big, big}))
	for range 30 {
		s.Links = append(s.Links, mapping.Link{TraceID: testTrace, SpanID: spanID(9), Attributes: s.Attributes})
		s.Events = append(s.Events, mapping.Event{Name: "exception", Attributes: []attribute.KeyValue{attribute.String("exception.message", big)}})
	}
	for _, role := range []struct {
		kind   trace.SpanKind
		parent int
		lambda bool
	}{
		{trace.SpanKindClient, 1, false}, {trace.SpanKindClient, 0, false}, {trace.SpanKindServer, 0, false},
		{trace.SpanKindServer, 0, true}, {trace.SpanKindServer, 1, true}, {trace.SpanKindInternal, 1, true},
	} {
		span := s
		span.Kind, span.ParentSpanID = role.kind, spanID(role.parent)
		resource := []attribute.KeyValue{attribute.String("service.name", "svc"), attribute.String("big", big)}
		if role.lambda {
			resource = append(resource, attribute.String("faas.name", "fn"))
		}
		span.Resource = mapping.NewResource(resource)
		raw, err := mapping.New(mapping.WithBudget(0)).AppendDocuments(nil, []mapping.Span{span})
		if err != nil {
			t.Fatal(err)
		}
		if len(raw) != 1 || len(raw[0]) > mapping.MinBudget || !json.Valid(raw[0]) {
			t.Errorf("%+v: %d documents, the first of %d bytes", role, len(raw), len(raw[0]))
		}
	}
}

// The same spans give the same bytes, in whatever order they come.
func TestOrderDoesNotMatter(t *testing.T) {
	spans := []mapping.Span{testSpan(1, 0)}
	for i := 2; i < 40; i++ {
		s := testSpan(i, i/2)
		s.StartTime -= int64(i % 3)
		spans = append(spans, s)
	}
	m := mapping.New()
	want, err := m.AppendDocuments(nil, spans)
	if err != nil {
		t.Fatal(err)
	}
	for range 20 {
		rand.Shuffle(len(spans), func(i, j int) { spans[i], spans[j] = spans[j], spans[i] })
		got, err := m.AppendDocuments(nil, spans)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatal(diff)
		}
	}
}

// Ids that differ in their first bytes only, as some generators make them, do
// not share one place in the table of ids.
func BenchmarkIDsInFirstBytes(b *testing.B) {
	spans := make([]mapping.Span, 4096)
	for i := range spans {
		spans[i] = testSpan(1, 0)
		binary.BigEndian.PutUint16(spans[i].SpanID[:], uint16(i))
		binary.BigEndian.PutUint16(spans[i].ParentSpanID[:], uint16(i/2))
		spans[i].ParentSpanID[7] = 1
	}
	benchmark(b, spans)
}
