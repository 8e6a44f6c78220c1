package mapping_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/lambdaxray/lambdaxray/exporter/xraytest"
	"github.com/lambdaxray/lambdaxray/mapping"
	"github.com/lambdaxray/lambdaxray/mapping/otlpjson"
	"github.com/lambdaxray/lambdaxray/mapping/segment"
)

var update = flag.Bool("update", false, "write the golden documents of the mapper as it is")

// Every directory of testdata/golden is a case, named after what it shows:
//
//	case.json      what the case is about, and the mapper's options
//	spans.json     the spans, in OTLP JSON
//	segments.json  the documents: a list, in the mapper's order
const goldenDir = "testdata/golden"

// goldenCase is case.json.
type goldenCase struct {
	About   string `json:"about"`
	Options struct {
		Budget          int      `json:"budget"`
		FunctionSegment string   `json:"functionSegment"` // "platform" or "own"
		Annotations     []string `json:"annotations"`
		AllAnnotations  bool     `json:"allAnnotations"`
		URLQuery        bool     `json:"urlQuery"`
		SQLLiterals     bool     `json:"sqlLiterals"`
		LogGroups       []string `json:"logGroups"`
	} `json:"options"`
}

func (c *goldenCase) mapper() *mapping.Mapper {
	var opts []mapping.Option
	o := &c.Options
	if o.Budget != 0 {
		opts = append(opts, mapping.WithBudget(o.Budget))
	}
	switch o.FunctionSegment {
	case "platform":
		opts = append(opts, mapping.WithFunctionSegment(mapping.FunctionSegmentPlatform))
	case "own":
		opts = append(opts, mapping.WithFunctionSegment(mapping.FunctionSegmentOwn))
	}
	if len(o.Annotations) > 0 {
		opts = append(opts, mapping.WithAnnotations(o.Annotations...))
	}
	if o.AllAnnotations {
		opts = append(opts, mapping.WithAllAnnotations())
	}
	if o.URLQuery {
		opts = append(opts, mapping.WithURLQuery())
	}
	if o.SQLLiterals {
		opts = append(opts, mapping.WithSQLLiterals())
	}
	if len(o.LogGroups) > 0 {
		opts = append(opts, mapping.WithLogGroups(o.LogGroups...))
	}
	return mapping.New(opts...)
}

// TestGolden maps the spans of every case to its documents, and holds what is
// true of any documents.
func TestGolden(t *testing.T) {
	entries, err := os.ReadDir(goldenDir)
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		if !entry.IsDir() {
			t.Errorf("%s belongs to no case", entry.Name())
			continue
		}
		t.Run(entry.Name(), func(t *testing.T) {
			c, spans := readGolden(t, entry.Name())
			m := c.mapper()
			docs, err := m.AppendDocuments(nil, spans)
			if err != nil {
				t.Fatal(err)
			}
			compareGolden(t, filepath.Join(goldenDir, entry.Name(), "segments.json"), docs)
			checkDocuments(t, docs, spans)
			checkOrder(t, m, docs, spans)
		})
	}
}

// readGolden reads a case, and fails if its directory holds anything else.
func readGolden(t *testing.T, name string) (*goldenCase, []mapping.Span) {
	t.Helper()
	dir := filepath.Join(goldenDir, name)
	files, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if !slices.Contains([]string{"case.json", "spans.json", "segments.json"}, file.Name()) {
			t.Errorf("%s is no part of a case", file.Name())
		}
	}
	data, err := os.ReadFile(filepath.Join(dir, "case.json"))
	if err != nil {
		t.Fatal(err)
	}
	var c goldenCase
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&c); err != nil {
		t.Fatalf("case.json: %v", err)
	}
	if c.About == "" {
		t.Error("case.json does not say what the case is about")
	}
	if data, err = os.ReadFile(filepath.Join(dir, "spans.json")); err != nil {
		t.Fatal(err)
	}
	spans, err := otlpjson.Unmarshal(data)
	if err != nil {
		t.Fatalf("spans.json: %v", err)
	}
	return &c, spans
}

// compareGolden compares documents byte for byte; only the spaces of the golden
// file are for the reader.
func compareGolden(t *testing.T, file string, docs [][]byte) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, indented(t, docs), 0o666); err != nil {
			t.Fatal(err)
		}
		return
	}
	data, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		t.Fatalf("%v; go test ./mapping -run TestGolden -update writes it", err)
	} else if err != nil {
		t.Fatal(err)
	}
	var want []json.RawMessage
	if err := json.Unmarshal(data, &want); err != nil {
		t.Fatalf("segments.json: %v", err)
	}
	same := len(want) == len(docs)
	for i := 0; same && i < len(docs); i++ {
		var compact bytes.Buffer
		if err := json.Compact(&compact, want[i]); err != nil {
			t.Fatal(err)
		}
		same = bytes.Equal(compact.Bytes(), docs[i])
	}
	if !same {
		t.Errorf("-want +got\n%s", cmp.Diff(strings.Split(string(data), "\n"), strings.Split(string(indented(t, docs)), "\n")))
	}
}

// indented writes documents as a list that is good to read and to compare.
func indented(t *testing.T, docs [][]byte) []byte {
	t.Helper()
	var list, out bytes.Buffer
	list.WriteByte('[')
	list.Write(bytes.Join(docs, []byte(",")))
	list.WriteByte(']')
	if err := json.Indent(&out, list.Bytes(), "", "  "); err != nil {
		t.Fatal(err)
	}
	out.WriteByte('\n')
	return out.Bytes()
}

// checkDocuments holds that the documents are X-Ray's, and that every span with
// valid ids is in exactly one of them, under its own id or, where that is
// another span's too, one derived from it.
func checkDocuments(t testing.TB, docs [][]byte, spans []mapping.Span) {
	t.Helper()
	type key struct{ trace, id string }
	found := map[key]int{}
	for _, doc := range docs {
		if err := xraytest.CheckDocument(doc); err != nil {
			t.Errorf("%v\nin %.2000s", err, doc)
		}
		checkKeys(t, json.NewDecoder(bytes.NewReader(doc)), doc)
		d, err := segment.Parse(doc)
		if err != nil {
			t.Fatal(err)
		}
		walk([]*segment.Document{d}, func(s *segment.Document) { found[key{d.TraceID, s.ID}]++ })
	}
	for k, n := range found {
		if n > 1 {
			t.Errorf("id %s of trace %s is in %d documents", k.id, k.trace, n)
		}
	}
	ids := map[key]int{}
	for i := range spans {
		s := &spans[i]
		if s.TraceID.IsValid() && s.SpanID.IsValid() {
			ids[key{segment.TraceID(s.TraceID), s.SpanID.String()}]++
		}
	}
	for k := range ids {
		if found[k] == 0 {
			t.Errorf("span %s of trace %s is in no document", k.id, k.trace)
		}
	}
}

// checkKeys holds that no object in the next value has a key twice: which of the
// two X-Ray takes is not defined.
func checkKeys(t testing.TB, dec *json.Decoder, doc []byte) {
	t.Helper()
	token, err := dec.Token()
	if err != nil {
		t.Fatal(err)
	}
	open, ok := token.(json.Delim)
	if !ok {
		return
	}
	keys := map[string]bool{}
	for dec.More() {
		if open == '{' {
			key, err := dec.Token()
			if err != nil {
				t.Fatal(err)
			}
			if keys[key.(string)] {
				t.Errorf("key %q twice in one object of %.2000s", key, doc)
			}
			keys[key.(string)] = true
		}
		checkKeys(t, dec, doc)
	}
	if _, err := dec.Token(); err != nil {
		t.Fatal(err)
	}
}

// checkOrder holds that the order of the spans makes no difference.
func checkOrder(t testing.TB, m *mapping.Mapper, want [][]byte, spans []mapping.Span) {
	t.Helper()
	shuffled := slices.Clone(spans)
	r := rand.New(rand.NewPCG(1, 2))
	for range 3 {
		r.Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
		got, _ := m.AppendDocuments(nil, shuffled) // the errors are those of the first call
		if !slices.EqualFunc(want, got, bytes.Equal) {
			t.Errorf("another order of the spans gives other documents: -want +got\n%s", cmp.Diff(lines(want), lines(got)))
			return
		}
	}
}

func lines(docs [][]byte) []string {
	out := make([]string, len(docs))
	for i, d := range docs {
		out[i] = string(d)
	}
	return out
}
