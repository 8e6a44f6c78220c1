package otlpjson

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/lambdaxray/lambdaxray/mapping"
	"github.com/lambdaxray/lambdaxray/mapping/batch"
)

func goldenFiles(t testing.TB) [][]byte {
	files, err := filepath.Glob("../testdata/golden/*/spans.json")
	if err != nil || len(files) < 40 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	var all [][]byte
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, data)
	}
	return all
}

func FuzzAgainstEncodingJSON(f *testing.F) {
	for _, data := range goldenFiles(f) {
		f.Add(data)
	}
	f.Add([]byte(minimal(`,"name":"\ud83d\ude00 \ud83d\u00e9 \"\\\/\b\f\n\r\t` + "\xff\xc3\xa9" + `","kind":"SPAN_KIND_SERVER","attributes":[{"key":"k","value":{"bytesValue":"AA"}},{"key":"l","value":{"arrayValue":{"values":[{"intValue":"1"},{"kvlistValue":{"values":[{"key":"m","value":{"doubleValue":"NaN"}}]}}]}}}]`)))
	f.Add([]byte(minimal("") + minimal(`,"flags":768,"links":[{}]`) + `[{}]3 null 00 1-2`))
	for _, text := range []string{
		`"\x80"`, `"\xff"`, `"\n\x80"`, `"\ud83d"`, `"\ud83d\n"`, `"\ud83d\n12345"`, `"\ud83d123456"`, `"x\ud83d\ude00"`,
		`"\ud83d\u12`, `"\u12`, `"\`, `"x`, `1e5`, `1E+5`, `1e`, `-`, `{}`, `9223372036854775808.0`, `-9223372036854775808.0`,
	} {
		text = strings.NewReplacer(`\x80`, "\x80", `\xff`, "\xff").Replace(text)
		for _, kind := range []string{"stringValue", "intValue", "doubleValue"} {
			f.Add([]byte(minimal(`,"attributes":[{"key":"k","value":{"` + kind + `":` + text + `}}]`)))
		}
		f.Add([]byte(text))
	}
	f.Add([]byte(minimal(`,"parentSpanId":"ABCDEF0123456789"`)))
	pool := batch.NewPool()
	f.Fuzz(func(t *testing.T, data []byte) {
		want, wantErr := reference(data)
		got, err := Unmarshal(data)
		if ambiguous(data) {
			return // what has a member twice is read in another order
		}
		same(t, want, wantErr, got, err)
		for range 2 { // what is read is the same when it is remembered
			b := pool.Get()
			err = Decode(pool, b, data)
			same(t, want, wantErr, b.Spans, err)
			pool.Put(b)
		}
	})
}

func same(t *testing.T, want []mapping.Span, wantErr error, got []mapping.Span, err error) {
	t.Helper()
	if diff := cmp.Diff(want, got, compare); diff != "" {
		t.Fatalf("spans: -want +got\n%s", diff)
	}
	if (wantErr == nil) != (err == nil) {
		t.Fatalf("error %v, want %v", err, wantErr)
	}
	if err != nil && strings.Contains(err.Error(), "no JSON") != strings.Contains(wantErr.Error(), "no JSON") {
		t.Fatalf("error %v, want %v", err, wantErr)
	}
}

// ambiguous reports whether an object in data has a key twice, or a value two types.
func ambiguous(data []byte) bool {
	type level struct {
		keys   map[string]bool // nil: a list
		isKey  bool
		values int
	}
	var stack []level
	dec := json.NewDecoder(bytes.NewReader(data))
	for {
		tok, err := dec.Token()
		if err != nil {
			return false
		}
		if tok == json.Delim('}') || tok == json.Delim(']') {
			stack = stack[:len(stack)-1]
			continue
		}
		if n := len(stack); n > 0 && stack[n-1].keys != nil {
			top := &stack[n-1]
			if top.isKey {
				key := tok.(string)
				if strings.HasSuffix(key, "Value") {
					top.values++
				}
				if top.keys[key] || top.values > 1 {
					return true
				}
				top.keys[key], top.isKey = true, false
				continue
			}
			top.isKey = true
		}
		switch tok {
		case json.Delim('{'):
			stack = append(stack, level{keys: map[string]bool{}, isKey: true})
		case json.Delim('['):
			stack = append(stack, level{})
		}
	}
}

// The members of an object come in any order.
func TestOrderOfMembers(t *testing.T) {
	spans, err := Unmarshal([]byte(`{"resourceSpans":[{"scopeSpans":[{"spans":[{"events":[{"attributes":[{"value":{"intValue":1},"key":"a"}],"name":"e"}],"attributes":[{"value":{"intValue":2},"key":"b"}],"spanId":"0102030405060708","traceId":"0102030405060708090a0b0c0d0e0f10"}],"scope":{"version":"1","name":"s"}}],"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"orders"}}]}}]}`))
	if err != nil || len(spans) != 1 {
		t.Fatalf("%d spans, %v", len(spans), err)
	}
	s := spans[0]
	if s.ScopeName != "s" || s.ScopeVersion != "1" || s.Resource.SegmentName() != "orders" || len(s.Attributes) != 1 || len(s.Events[0].Attributes) != 1 {
		t.Errorf("%+v of %q", s, s.Resource.SegmentName())
	}
}

// A resource or a scope that cannot be read takes its spans along, wherever it stands.
func TestBadResourceBehindItsSpans(t *testing.T) {
	spans, err := Unmarshal([]byte(`{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"0102030405060708090a0b0c0d0e0f10","spanId":"0102030405060708"},{}]}],"resource":7},` + minimal("")[len(`{"resourceSpans":[`):]))
	if len(spans) != 1 || err == nil || err.Error() != "otlpjson: resourceSpans[0].resource: want an object, have 7" {
		t.Errorf("%d spans, %v", len(spans), err)
	}
}

// What is remembered outlives the request whose bytes it came in.
func TestRememberedValuesAreCopies(t *testing.T) {
	data := []byte(`{"resourceSpans":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"orders"}}]},"scopeSpans":[{"spans":[{"traceId":"0102030405060708090a0b0c0d0e0f10","spanId":"0102030405060708","attributes":[{"key":"k","value":{"arrayValue":{"values":[{"stringValue":"v\n"}]}}}]}]}]}]}`)
	pool := batch.NewPool()
	for range 3 {
		body := bytes.Clone(data)
		b := pool.Get()
		if err := Decode(pool, b, body); err != nil {
			t.Fatal(err)
		}
		if got := b.Spans[0].Attributes[0].Value.String(); b.Spans[0].Resource.SegmentName() != "orders" || got != `["v\n"]` {
			t.Errorf("%q, %s", b.Spans[0].Resource.SegmentName(), got)
		}
		pool.Put(b)
		clear(body)
		clear(b.Text[:cap(b.Text)])
	}
}

func lambdaTrace(t testing.TB) []byte {
	data, err := os.ReadFile("../testdata/golden/lambda_trace_current_conventions/spans.json")
	if err != nil {
		t.Fatal(err)
	}
	var compact bytes.Buffer // as exporters write it
	if err := json.Compact(&compact, data); err != nil {
		t.Fatal(err)
	}
	return compact.Bytes()
}

// A request like the one before allocates the decoder.
func TestDecodeAllocations(t *testing.T) {
	data := lambdaTrace(t)
	pool, b := batch.NewPool(), new(batch.Batch)
	got := testing.AllocsPerRun(100, func() {
		*b = batch.Batch{Spans: b.Spans[:0], Events: b.Events[:0], Links: b.Links[:0], Attributes: b.Attributes[:0], Text: b.Text[:0], Key: b.Key}
		if err := Decode(pool, b, data); err != nil {
			t.Fatal(err)
		}
	})
	if got != 1 {
		t.Errorf("%v allocations, want 1", got)
	}
}

func BenchmarkDecode(b *testing.B) {
	data := lambdaTrace(b)
	want, err := reference(data)
	if err != nil {
		b.Fatal(err)
	}
	check := func(b *testing.B, got []mapping.Span) {
		if diff := cmp.Diff(want, got, compare); diff != "" {
			b.Fatal(diff)
		}
	}
	b.Run("impl=batch", func(b *testing.B) {
		pool := batch.NewPool()
		b.SetBytes(int64(len(data)))
		b.ReportAllocs()
		for b.Loop() {
			req := pool.Get()
			if err := Decode(pool, req, data); err != nil {
				b.Fatal(err)
			}
			pool.Put(req)
		}
		req := pool.Get()
		_ = Decode(pool, req, data)
		check(b, req.Spans)
	})
	b.Run("impl=Unmarshal", func(b *testing.B) {
		b.SetBytes(int64(len(data)))
		b.ReportAllocs()
		for b.Loop() {
			spans, err := Unmarshal(data)
			if err != nil || len(spans) != len(want) {
				b.Fatal(len(spans), err)
			}
		}
	})
	b.Run("impl=encoding-json", func(b *testing.B) {
		b.SetBytes(int64(len(data)))
		b.ReportAllocs()
		for b.Loop() {
			spans, err := reference(data)
			if err != nil || len(spans) != len(want) {
				b.Fatal(len(spans), err)
			}
		}
	})
}

// A text is nested as deeply as encoding/json allows, and no deeper.
func TestDepthIsThatOfEncodingJSON(t *testing.T) {
	for _, depth := range []int{maxDepth - 1, maxDepth} {
		text := `{"x":` + strings.Repeat("[", depth) + strings.Repeat("]", depth) + "}"
		if _, err := Unmarshal([]byte(text)); (err == nil) != json.Valid([]byte(text)) {
			t.Errorf("%d lists in an object: %v", depth, err)
		}
	}
}
