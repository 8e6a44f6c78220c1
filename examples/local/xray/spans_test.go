package xray

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/lambdaxray/lambdaxray/mapping"
)

// answered is getPage into a value of type T.
func answered[T any](t *testing.T, h http.Handler, path string) (v T, status int) {
	t.Helper()
	status = getPage(t, h, path, &v)
	return v, status
}

// otlpSpan is a request of one span, GET of a URL with a query.
func otlpSpan(trace, span, service string) string {
	return fmt.Sprintf(`{"resourceSpans":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":%q}}]},"scopeSpans":[{"scope":{"name":"test"},"spans":[
		{"traceId":%q,"spanId":%q,"name":"GET","kind":2,"startTimeUnixNano":"1736968892000000000","endTimeUnixNano":"1736968892500000000","attributes":[
			{"key":"http.request.method","value":{"stringValue":"GET"}},{"key":"url.full","value":{"stringValue":"https://shop.example.com/?page=2"}},{"key":"tier","value":{"stringValue":"gold"}}]}]}]}]}`,
		service, trace, span)
}

const (
	spanTrace = "1-67890abc-0123456789abcdef01234567"
	spanHex   = "67890ABC0123456789abcdef01234567"
)

func TestSpansAreKeptBesideTheirDocuments(t *testing.T) {
	s := NewStore()
	o, h := NewOTLP(s), NewPageHandler(s, PageOptions{})
	other := strings.Replace(spanHex, "67890ABC", "67890abd", 1)
	body := otlpSpan(spanHex, "00000000000000A1", "shop") + otlpSpan(other, "00000000000000a2", "other")
	for _, b := range []string{body, otlpSpan(spanHex, "00000000000000a3", "shop")} {
		if status, _, answer := postOTLP(o, "/v1/traces", "application/json", "", []byte(b)); status != 200 {
			t.Fatal(answer)
		}
	}
	got, _ := answered[PageSpans](t, h, "/api/trace/"+spanTrace+"/spans")
	if len(got.Spans) != 2 || got.Spans[0].ID != "00000000000000a1" || got.Spans[1].ID != "00000000000000a3" {
		t.Fatalf("spans %+v", got)
	}
	if one := got.Spans[0]; !strings.Contains(string(one.Span), `"url.full"`) || !strings.Contains(string(one.Resource), "shop") || !strings.Contains(string(one.Scope), "test") {
		t.Errorf("span %s of %s, %s", one.Span, one.Resource, one.Scope)
	}
	if none, _ := answered[PageSpans](t, h, "/api/trace/1-67890abf-0123456789abcdef01234567/spans"); none.Spans == nil || len(none.Spans) != 0 {
		t.Errorf("another trace has %+v", none)
	}
}

func TestSpansMappedWithOtherSettings(t *testing.T) {
	s := NewStore()
	o, h := NewOTLP(s), NewPageHandler(s, PageOptions{})
	if status, _, answer := postOTLP(o, "/v1/traces", "application/json", "", []byte(otlpSpan(spanHex, "00000000000000a1", "shop"))); status != 200 {
		t.Fatal(answer)
	}
	const path = "/api/trace/" + spanTrace + "/mapped?settings="
	url := func(settings string) (url, annotation string) {
		got, status := answered[PageTrace](t, h, path+settings)
		if status != 200 || len(got.Segments) != 1 {
			t.Fatalf("%s: %d, %d segments", settings, status, len(got.Segments))
		}
		return got.Segments[0].HTTP.Request.URL, fmt.Sprint(got.Segments[0].Annotations["tier"])
	}
	for settings, want := range map[string][2]string{
		"":                           {"https://shop.example.com/", "<nil>"},
		"url-query":                  {"https://shop.example.com/?page=2", "<nil>"},
		"all-annotations":            {"https://shop.example.com/", "gold"},
		"url-query,annotation=tier,": {"https://shop.example.com/?page=2", "gold"},
	} {
		if u, a := url(settings); u != want[0] || a != want[1] {
			t.Errorf("%q: URL %q and annotation %q, want %q", settings, u, a, want)
		}
	}
	for settings, want := range map[string]string{"urlquery": "settings are", "budget=1": "budget must be"} {
		if got, status := answered[PageError](t, h, path+settings); status != 400 || got.Error.Parameter != "settings" || !strings.Contains(got.Error.Message, want) {
			t.Errorf("%s: %d %+v", settings, status, got)
		}
	}
	if _, status := answered[PageError](t, h, "/api/trace/1-67890abf-0123456789abcdef01234567/mapped"); status != 404 {
		t.Errorf("a trace without spans: %d", status)
	}
}

// What is kept is bounded, the oldest goes, and of a trace what came later stays.
func TestSpansAreBounded(t *testing.T) {
	var l spanLog
	big := make([]byte, maxSpanBytes/2-traceBytes)
	l.add(big, nil) // has none
	spans := func(n byte) []mapping.Span {
		return []mapping.Span{{TraceID: [16]byte{1, n}}, {TraceID: [16]byte{1, n}}}
	}
	l.add(big, spans(1))
	l.add([]byte("small"), spans(1))
	l.add(big, spans(2))
	id := func(n byte) string { return "1-01" + fmt.Sprintf("%02x", n) + "0000-000000000000000000000000" }
	if first, second := l.of(id(1)), l.of(id(2)); len(first) != 1 || string(first[0]) != "small" || len(second) != 1 {
		t.Errorf("%d and %d requests", len(first), len(second))
	}
	l.add(append(big, big...), spans(3))
	l.add([]byte("x"), spans(3))
	if len(l.of(id(1))) != 0 || len(l.of(id(3))) != 1 || l.bytes != 1+traceBytes || len(l.byTrace) != 1 {
		t.Errorf("%d bytes in %d traces", l.bytes, len(l.byTrace))
	}
}
