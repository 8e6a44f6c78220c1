package xray

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/lambdaxray/lambdaxray/mapping/segment"
)

const goldenSpans = "../../../mapping/testdata/golden/go_instrumentation_2026_10/spans.json"

// otlpRequests returns spans of real instrumentation as JSON and as protobuf.
func otlpRequests(t testing.TB) (asJSON, asProto []byte) {
	t.Helper()
	asJSON, err := os.ReadFile(goldenSpans)
	if err != nil {
		t.Fatal(err)
	}
	traces, err := (&ptrace.JSONUnmarshaler{}).UnmarshalTraces(asJSON)
	if err != nil {
		t.Fatal(err)
	}
	if asProto, err = (&ptrace.ProtoMarshaler{}).MarshalTraces(traces); err != nil {
		t.Fatal(err)
	}
	return asJSON, asProto
}

func zipped(t *testing.T, b []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	if _, err := w.Write(b); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// postOTLP returns status, content type and body.
func postOTLP(h http.Handler, path, kind, encoding string, body []byte) (int, string, string) {
	r := httptest.NewRequest("POST", path, bytes.NewReader(body))
	r.Header.Set("Content-Type", kind)
	if encoding != "" {
		r.Header.Set("Content-Encoding", encoding)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Code, w.Header().Get("Content-Type"), w.Body.String()
}

// TestOTLP: the same spans, however they come, are the same trace.
func TestOTLP(t *testing.T) {
	asJSON, asProto := otlpRequests(t)
	var want string
	for name, send := range map[string]func(o *OTLP) (int, string){
		"JSON": func(o *OTLP) (int, string) {
			status, _, body := postOTLP(o, "/v1/traces", "application/json; charset=utf-8", "", asJSON)
			return status, body
		},
		"protobuf": func(o *OTLP) (int, string) {
			status, kind, body := postOTLP(o, "/v1/traces", "application/x-protobuf", "", asProto)
			return status, strings.TrimPrefix(kind, "application/x-protobuf") + body
		},
		"gzip": func(o *OTLP) (int, string) {
			status, _, body := postOTLP(o, "/v1/traces", "application/x-protobuf", "gzip", zipped(t, asProto))
			return status, body
		},
		"datagram": func(o *OTLP) (int, string) {
			if err := o.Datagram([]byte(segment.DatagramHeader + "T1S" + base64.StdEncoding.EncodeToString(asProto))); err != nil {
				return 0, err.Error()
			}
			return 200, ""
		},
		"unsampled datagram": func(o *OTLP) (int, string) {
			if err := o.Datagram([]byte(segment.DatagramHeader + "T1U" + base64.StdEncoding.EncodeToString(asProto) + "\n")); err != nil {
				return 0, err.Error()
			}
			return 200, ""
		},
	} {
		o := NewOTLP(NewStore())
		if status, body := send(o); status != 200 || body != "" && body != "{}" {
			t.Errorf("%s: %d %q", name, status, body)
		}
		got := drawn(o.Store.ServiceGraph(zero, zero))
		if want == "" {
			want = got
		}
		if got != want || !strings.Contains(got, "orders (AWS::DynamoDB::Table)") {
			t.Errorf("%s:\n%s\nwant:\n%s", name, got, want)
		}
		if h := o.Store.Health(); len(h.Rules) != 0 || len(h.Broken) != 0 {
			t.Errorf("%s: %+v", name, h)
		}
	}
}

func TestOTLPErrors(t *testing.T) {
	asJSON, asProto := otlpRequests(t)
	at := regexp.MustCompile(`"spanId": *"`).FindIndex(asJSON)
	bad := slices.Insert(bytes.Clone(asJSON), at[1], 'x')
	for name, test := range map[string]struct {
		path, kind, encoding string
		body                 []byte
		status               int
		says                 string
		broken               int
	}{
		"metrics":       {"/v1/metrics", "application/json", "", []byte("{}"), 404, "OTEL_METRICS_EXPORTER=none", 0},
		"another type":  {"/v1/traces", "text/plain", "", asJSON, 415, "application/x-protobuf", 0},
		"no JSON":       {"/v1/traces", "application/json", "", []byte("{"), 400, "message", 1},
		"no protobuf":   {"/v1/traces", "application/x-protobuf", "", []byte("\xff\xff"), 400, "protobuf", 1},
		"no gzip":       {"/v1/traces", "application/x-protobuf", "gzip", asProto, 400, "not gzip", 0},
		"brotli":        {"/v1/traces", "application/x-protobuf", "br", asProto, 400, "gzip or none", 0},
		"one bad span":  {"/v1/traces", "application/json", "", bad, 200, `"rejectedSpans":"1"`, 1},
		"a gzip bomb":   {"/v1/traces", "application/x-protobuf", "gzip", zipped(t, make([]byte, maxOTLP+1)), 400, "more than", 0},
		"empty is fine": {"/v1/traces", "application/json", "", []byte(`{"resourceSpans":[]}`), 200, "{}", 0},
	} {
		o := NewOTLP(NewStore())
		status, _, body := postOTLP(o, test.path, test.kind, test.encoding, test.body)
		if status != test.status || !strings.Contains(body, test.says) {
			t.Errorf("%s: %d %q, want %d and %s", name, status, body, test.status, test.says)
		}
		if n := len(o.Store.Health().Broken); n != test.broken {
			t.Errorf("%s: %d remembered as broken, want %d", name, n, test.broken)
		}
	}
	// What a protobuf client reads: partial_success{rejected_spans, error_message}.
	if got, want := partialSuccess(false, 300, "why"), "\x0a\x08\x08\xac\x02\x12\x03why"; string(got) != want {
		t.Errorf("partial success %q, want %q", got, want)
	}
	o := NewOTLP(NewStore())
	if err := o.Datagram([]byte(segment.DatagramHeader + "T1S?")); err == nil || err == ErrNotOTLP {
		t.Errorf("a broken datagram: %v", err)
	}
	if err := o.Datagram([]byte(segment.DatagramHeader + "{}")); err != ErrNotOTLP {
		t.Errorf("a document: %v", err)
	}
}

func FuzzOTLP(f *testing.F) {
	asJSON, asProto := otlpRequests(f)
	f.Add(asJSON, true)
	f.Add(asProto, false)
	f.Fuzz(func(t *testing.T, body []byte, isJSON bool) {
		o := NewOTLP(NewStore())
		kind := "application/x-protobuf"
		if isJSON {
			kind = "application/json"
		}
		if status, _, text := postOTLP(o, "/v1/traces", kind, "", body); status != 200 && (status != 400 || text == "") {
			t.Errorf("%d %s", status, text)
		}
		_ = o.Datagram(append([]byte(segment.DatagramHeader+"T1S"), body...))
		o.Store.ServiceGraph(zero, zero)
	})
}
