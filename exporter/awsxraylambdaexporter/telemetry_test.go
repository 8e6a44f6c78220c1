package awsxraylambdaexporter

import (
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	"go.opentelemetry.io/otel/sdk/metric/metricdata/metricdatatest"
	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"

	"github.com/lambdaxray/lambdaxray/exporter/awsxraylambdaexporter/internal/metadatatest"
	"github.com/lambdaxray/lambdaxray/exporter/xraytest"
)

func TestTelemetry(t *testing.T) {
	isolate(t)
	tel := componenttest.NewTelemetry()
	t.Cleanup(func() { _ = tel.Shutdown(t.Context()) })
	refused, later := spanID(0, 1, 0).String(), spanID(0, 2, 0).String()
	x := newFakeXRay(t, xraytest.WithFault(func(call int, _ *http.Request) *xraytest.Fault {
		switch call {
		case 1:
			return &xraytest.Fault{ErrorType: "InvalidName", Unprocessed: func(id string) bool { return id == refused }}
		case 2:
			return &xraytest.Fault{Unprocessed: func(id string) bool { return id == later }}
		}
		return nil
	}))
	c := testConfig(x.url)
	c.DocumentBudget = 4 << 10
	c.Retry.Enabled = true
	set := metadatatest.NewSettings(tel)
	core, logs := observer.New(zap.WarnLevel)
	set.Logger = zap.New(core)
	e, _ := startExporter(t, set, c, componenttest.NewNopHost())

	// Refused in the first call, taken later in the second, too large and
	// without an id in the third.
	for range 2 {
		if err := e.ConsumeTraces(t.Context(), request(0)); err != nil {
			t.Fatal(err)
		}
	}
	td := request(1)
	list := td.ResourceSpans().At(0).ScopeSpans().At(0).Spans()
	list.At(0).Attributes().PutStr("large", strings.Repeat("x", 10_000))
	for i := range 3 {
		list.At(3+i).Attributes().PutStr("half", strings.Repeat("x", 3_000))
	}
	list.At(list.Len() - 1).SetSpanID(pcommon.SpanID{})
	if err := e.ConsumeTraces(t.Context(), td); err != nil {
		t.Fatal(err)
	}

	point := func(n int64, attrs ...attribute.KeyValue) []metricdata.DataPoint[int64] {
		return []metricdata.DataPoint[int64]{{
			Value:      n,
			Attributes: attribute.NewSet(append(attrs, attribute.String("exporter", "awsxraylambda"))...),
		}}
	}
	ignore := []metricdatatest.Option{metricdatatest.IgnoreTimestamp(), metricdatatest.IgnoreExemplars()}
	resent := int64(spans)
	metadatatest.AssertEqualExporterAwsxraylambdaSpansMapped(t, tel, point(3*traces*spans+resent), ignore...)
	metadatatest.AssertEqualExporterAwsxraylambdaDocumentsSent(t, tel, point(3*traces-1+2), ignore...) // two are split off
	metadatatest.AssertEqualExporterAwsxraylambdaDocumentsSplit(t, tel, point(2), ignore...)
	metadatatest.AssertEqualExporterAwsxraylambdaSpansTrimmed(t, tel, point(1), ignore...)
	metadatatest.AssertEqualExporterAwsxraylambdaDocumentsUnprocessed(t, tel, point(2), ignore...)
	for name, want := range map[string]map[string]int64{
		"spans_returned": {"ThrottledException": resent},
		"spans_dropped":  {"InvalidName": spans, "SpanID": 1},
		"calls_failed":   nil,
	} {
		if diff := cmp.Diff(want, byReason(tel, "otelcol_exporter_awsxraylambda_"+name)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	var messages []string
	for _, entry := range logs.All() {
		messages = append(messages, entry.Message)
	}
	want := []string{"Spans are dropped: sent again they would be refused again.", "Spans are dropped: sent again they would be refused again."}
	if diff := cmp.Diff(want, messages); diff != "" {
		t.Errorf("log, once a request (-want +got):\n%s", diff)
	}
}

// Every metric of documentation.md is there from the start, at 0.
func TestMetricsFromTheStart(t *testing.T) {
	isolate(t)
	tel := componenttest.NewTelemetry()
	t.Cleanup(func() { _ = tel.Shutdown(t.Context()) })
	startExporter(t, metadatatest.NewSettings(tel), testConfig("http://127.0.0.1:0"), componenttest.NewNopHost())
	names := regexp.MustCompile(`(?m)^### (\S+)`).FindAllStringSubmatch(readFile(t, "documentation.md"), -1)
	if len(names) < 9 {
		t.Fatalf("%d metrics", len(names))
	}
	for _, name := range names {
		list := points(tel, name[1])
		if len(list) == 0 || sum(tel, name[1]) != 0 {
			t.Errorf("%s has %d series with %d", name[1], len(list), sum(tel, name[1]))
		}
	}
	for _, known := range []string{"Other", "Credentials", "Timeout", "ThrottledException", "Shutdown"} {
		found := false
		for _, p := range points(tel, "otelcol_exporter_awsxraylambda_spans_dropped") {
			reason, _ := p.Attributes.Value("reason")
			found = found || reason.AsString() == known
		}
		if !found {
			t.Errorf("spans_dropped has no series for %s", known)
		}
	}
}
