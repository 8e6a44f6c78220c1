package xray

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/lambdaxray/lambdaxray/examples/local/xray/filter"
	"github.com/lambdaxray/lambdaxray/mapping/segment"
)

const testTrace = "1-581cf771-a006649127e371903a2de979"

// doc returns a document of [testTrace] that lasts from start to end seconds;
// end 0 leaves it in progress. A name of "sub:x" makes a subsegment.
func doc(name, id, parent string, start, end float64, more ...string) string {
	fields := []string{fmt.Sprintf(`"id":%q,"trace_id":%q,"start_time":%g`, id, testTrace, start)}
	if sub, ok := strings.CutPrefix(name, "sub:"); ok {
		fields = append(fields, `"type":"subsegment"`)
		name = sub
	}
	fields = append(fields, fmt.Sprintf(`"name":%q`, name))
	if parent != "" {
		fields = append(fields, fmt.Sprintf(`"parent_id":%q`, parent))
	}
	if end == 0 {
		fields = append(fields, `"in_progress":true`)
	} else {
		fields = append(fields, fmt.Sprintf(`"end_time":%g`, end))
	}
	return "{" + strings.Join(append(fields, more...), ",") + "}"
}

const (
	remote  = `"namespace":"remote"`
	awsCall = `"namespace":"aws"`
)

func nested(docs ...string) string { return `"subsegments":[` + strings.Join(docs, ",") + `]` }

func storeOf(t testing.TB, docs ...string) *Store {
	t.Helper()
	s := NewStore()
	for _, d := range docs {
		if err := s.Put([]byte(d)); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

// outline writes a compiled trace as indented names.
func outline(docs []*segment.Document) string {
	var b strings.Builder
	var write func(d *segment.Document, indent string)
	write = func(d *segment.Document, indent string) {
		b.WriteString(indent + d.Name)
		if d.Inferred {
			b.WriteString(" inferred " + d.Origin)
		}
		if d.Type != "" {
			b.WriteString(" orphan of " + d.ParentID)
		}
		if d.InProgress {
			b.WriteString(" in progress")
		}
		b.WriteString("\n")
		for _, c := range d.Subsegments {
			write(c, indent+"  ")
		}
	}
	for _, d := range docs {
		write(d, "")
	}
	return b.String()
}

func TestStoreCompiles(t *testing.T) {
	tests := []struct {
		name string
		docs []string
		want string
	}{
		{
			name: "independent subsegments are nested under their parents",
			docs: []string{
				doc("function", "f", "", 1, 9),
				doc("sub:handler", "h", "f", 2, 8, nested(doc("sub:work", "w", "", 3, 4))),
				doc("sub:inner", "i", "w", 3, 4),
			},
			want: "function\n  handler\n    work\n      inner\n",
		},
		{
			name: "children are ordered by their start",
			docs: []string{
				doc("function", "f", "", 1, 9),
				doc("sub:late", "l", "f", 5, 6),
				doc("sub:Initialization", "i", "f", 0.5, 0.9),
			},
			want: "function\n  Initialization\n  late\n",
		},
		{
			name: "an orphan is kept on top",
			docs: []string{doc("sub:handler", "h", "f", 2, 8)},
			want: "handler orphan of f\n",
		},
		{
			name: "complete replaces in progress",
			docs: []string{doc("function", "f", "", 1, 0), doc("function", "f", "", 1, 9)},
			want: "function\n",
		},
		{
			name: "in progress that comes late is ignored",
			docs: []string{doc("function", "f", "", 1, 9), doc("function", "f", "", 1, 0)},
			want: "function\n",
		},
		{
			name: "in progress alone stays",
			docs: []string{doc("function", "f", "", 1, 0)},
			want: "function in progress\n",
		},
		{
			name: "complete and nested replaces in progress and alone",
			docs: []string{
				doc("function", "f", "", 1, 9),
				doc("sub:work", "w", "h", 3, 0),
				doc("sub:handler", "h", "f", 2, 8, nested(doc("sub:work", "w", "", 3, 4))),
			},
			want: "function\n  handler\n    work\n",
		},
		{
			name: "calls infer segments",
			docs: []string{doc("function", "f", "", 1, 9, nested(
				doc("sub:DynamoDB", "00000000000000d1", "", 2, 3, awsCall, `"aws":{"table_name":"orders"}`),
				doc("sub:S3", "00000000000000d2", "", 3, 4, awsCall, `"aws":{"bucket_name":"archive"}`),
				doc("sub:SNS", "00000000000000d3", "", 4, 5, awsCall, `"aws":{"topic_arn":"arn:aws:sns:x"}`),
				doc("sub:DynamoDB", "00000000000000d4", "", 5, 6, awsCall, `"aws":{"table_names":["a","b"]}`),
				doc("sub:prices", "00000000000000d5", "", 6, 7, remote),
				doc("sub:custom", "00000000000000d6", "", 7, 8),
			))},
			want: "function\n  DynamoDB\n  S3\n  SNS\n  DynamoDB\n  prices\n  custom\n" +
				"DynamoDB inferred AWS::DynamoDB::Table\nS3 inferred AWS::S3::Bucket\nSNS inferred AWS::SNS\n" +
				"DynamoDB inferred AWS::DynamoDB\nprices inferred remote\n",
		},
		{
			name: "a segment beneath a call takes the place of the inferred one",
			docs: []string{
				doc("function", "f", "", 1, 9, nested(doc("sub:prices", "p", "", 6, 7, remote))),
				doc("price-service", "s", "p", 6.1, 6.9),
			},
			want: "function\n  prices\nprice-service\n",
		},
		{
			name: "a traced call waits for its segment",
			docs: []string{doc("function", "f", "", 1, 9, nested(doc("sub:prices", "p", "", 6, 7, remote, `"http":{"request":{"traced":true}}`)))},
			want: "function\n  prices\n",
		},
		{
			name: "a call in progress infers one in progress",
			docs: []string{doc("sub:prices", "p", "f", 6, 0, remote)},
			want: "prices orphan of f in progress\nprices inferred remote in progress\n",
		},
		{
			name: "a cycle is cut",
			docs: []string{doc("sub:a", "a", "b", 1, 2), doc("sub:b", "b", "a", 2, 3), doc("sub:c", "c", "c", 3, 4)},
			want: "a orphan of b\n  b\nc orphan of c\n",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, outline(storeOf(t, tt.docs...).Documents(testTrace))); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			// The order of arrival must not matter, except between two complete
			// documents of one id, which no case has.
			for range 5 {
				rand.Shuffle(len(tt.docs), func(i, j int) { tt.docs[i], tt.docs[j] = tt.docs[j], tt.docs[i] })
				if diff := cmp.Diff(tt.want, outline(storeOf(t, tt.docs...).Documents(testTrace))); diff != "" {
					t.Errorf("in another order (-want +got):\n%s", diff)
				}
			}
		})
	}
}

func TestStoreChangesAfterARead(t *testing.T) {
	s := storeOf(t, doc("function", "f", "", 1, 0))
	_ = s.Documents(testTrace)
	if err := s.Put([]byte(doc("sub:work", "w", "f", 2, 3))); err != nil {
		t.Fatal(err)
	}
	if got, want := outline(s.Documents(testTrace)), "function in progress\n  work\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestBatchGetTraces(t *testing.T) {
	s := storeOf(t, doc("function", "f", "", 1, 4), doc("sub:S3", "00000000000000d2", "f", 2, 3, awsCall))
	traces, unprocessed := s.BatchGetTraces(testTrace, "1-00000000-000000000000000000000000")
	if diff := cmp.Diff([]string{"1-00000000-000000000000000000000000"}, unprocessed); diff != "" {
		t.Errorf("unprocessed (-want +got):\n%s", diff)
	}
	if len(traces) != 1 || traces[0].ID != testTrace || traces[0].Duration != 3 || traces[0].LimitExceeded {
		t.Fatalf("traces %+v", traces)
	}
	var docs []*segment.Document
	for _, s := range traces[0].Segments {
		d, err := segment.Parse([]byte(s.Document))
		if err != nil {
			t.Fatal(err)
		}
		if d.ID != s.ID {
			t.Errorf("id %q of a document of %q", s.ID, d.ID)
		}
		docs = append(docs, d)
	}
	if got, want := outline(docs), "function\n  S3\nS3 inferred AWS::S3\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if docs[1].ParentID != "00000000000000d2" || len(docs[1].ID) != 16 || docs[1].ID == docs[1].ParentID {
		t.Errorf("inferred segment %+v", docs[1])
	}
	if traces, unprocessed := s.BatchGetTraces(); len(traces)+len(unprocessed) != 0 {
		t.Error("no ids mean no traces")
	}
}

func TestStoreBounds(t *testing.T) {
	s := NewStore(WithMaxTraces(2), WithMaxTraceBytes(300))
	id := func(i int) string { return fmt.Sprintf("1-581cf771-%024x", i) }
	for i := range 5 {
		if err := s.Put([]byte(strings.Replace(doc("function", "f", "", 1, 2), testTrace, id(i), 1))); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff([]string{id(3), id(4)}, s.TraceIDs()); diff != "" {
		t.Errorf("traces (-want +got):\n%s", diff)
	}
	if s.Documents(id(0)) != nil {
		t.Error("the oldest trace is still there")
	}
	big := strings.Replace(doc("sub:big", "b", "f", 1, 2, `"user":"`+strings.Repeat("u", 300)+`"`), testTrace, id(4), 1)
	if err := s.Put([]byte(big)); err != nil {
		t.Fatal(err)
	}
	traces, _ := s.BatchGetTraces(id(4))
	if !traces[0].LimitExceeded || len(traces[0].Segments) != 1 {
		t.Errorf("trace over its limit: %+v", traces[0])
	}
	s.Reset()
	if ids := s.TraceIDs(); len(ids) != 0 {
		t.Errorf("traces after reset: %v", ids)
	}
}

func TestStorePutRefuses(t *testing.T) {
	for doc, want := range map[string]string{
		`{`:                "segment document",
		`{"id":"a"}`:       "trace_id is missing",
		`{"trace_id":"t"}`: "id is missing",
		`{"id":"a","trace_id":"t","type":"subsegment"}`: "parent_id is missing",
	} {
		checkError(t, NewStore().Put([]byte(doc)), want)
	}
}

func TestSummaryJoinsServices(t *testing.T) {
	s := storeOf(t,
		doc("front", "1", "", 1, 9, `"user":"u","annotations":{"tier":"gold"}`,
			nested(doc("sub:back", "2", "", 2, 6, remote, `"annotations":{"tier":"gold","n":1}`))),
		doc("back", "3", "2", 3, 5, `"user":"u","annotations":{"tier":"gold","n":2}`),
	)
	got := s.TraceSummaries(zero, zero, nil)[0]
	front, back := got.ServiceIDs[0], got.ServiceIDs[1]
	if front.Name != "front" || back.Name != "back" {
		t.Fatalf("services %+v", got.ServiceIDs)
	}
	one, two, gold := 1.0, 2.0, "gold"
	want := map[string][]AnnotationValue{
		"tier": {{Value{String: &gold}, []ServiceID{front, back}}},
		"n":    {{Value{Number: &one}, []ServiceID{front}}, {Value{Number: &two}, []ServiceID{back}}},
	}
	if diff := cmp.Diff(want, got.Annotations); diff != "" {
		t.Errorf("annotations (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]TraceUser{{"u", []ServiceID{front, back}}}, got.Users); diff != "" {
		t.Errorf("users (-want +got):\n%s", diff)
	}
}

func FuzzStorePut(f *testing.F) {
	f.Add([]byte(doc("function", "f", "", 1, 9, nested(doc("sub:S3", "d", "", 2, 3, awsCall)))), []byte(doc("sub:a", "d", "a", 1, 0)))
	f.Add([]byte(`{"trace_id":"t","id":"a","subsegments":[null,{},{"subsegments":[{"id":"a"}]}]}`), []byte(`{"trace_id":"t","id":"b","type":"subsegment","parent_id":"a"}`))
	f.Add([]byte(`{"trace_id":"t","id":"a","type":"subsegment","parent_id":"b"}`), []byte(`{"trace_id":"t","id":"b","type":"subsegment","parent_id":"a","start_time":1e308,"end_time":-1e308}`))
	by, err := filter.Parse(`service() { annotation.a = 1 OR responsetime > 1 } OR edge("a","b")`)
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, a, b []byte) {
		s := NewStore()
		_, _ = s.Put(a), s.Put(b)
		for _, id := range s.TraceIDs() {
			docs := s.Documents(id)
			if len(docs) == 0 {
				t.Errorf("trace %q has no documents", id)
			}
			traces, _ := s.BatchGetTraces(id)
			services, _ := s.TraceGraph(id)
			for _, v := range []any{traces, services, s.TraceSummaries(zero, zero, by)} {
				if _, err := json.Marshal(v); err != nil {
					t.Error(err)
				}
			}
			if n := len(traces[0].Segments); n != len(docs) {
				t.Errorf("%d of %d documents as text", n, len(docs))
			}
			for _, s := range services {
				if slices.ContainsFunc(s.Edges, func(e Edge) bool { return e.ReferenceID >= len(services) }) {
					t.Errorf("edge to nowhere: %+v", s)
				}
			}
		}
	})
}

func checkError(t *testing.T, err error, want string) {
	t.Helper()
	if err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("error %v, want one with %q", err, want)
	}
}
