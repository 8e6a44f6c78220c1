package telemetry

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// What has been seen of the API, and what its documentation shows, is read.
func TestDecode(t *testing.T) {
	const batch = `[
{"time":"2023-02-10T20:39:01.267Z","type":"platform.initStart","record":{"initializationType":"on-demand","phase":"init","runtimeVersion":"nodejs:18.v4"}},
{"time":"2023-02-10T20:39:01.405Z","type":"platform.telemetrySubscription","record":{"name":"x","state":"Subscribed","types":["platform"]}},
{"time":"2023-02-10T20:39:01.405Z","type":"function","record":"a line"},
{"time":"2023-02-10T20:39:01.405Z","type":"platform.fromTheFuture","record":{"requestId":[]}},
{"time":"2022-10-12T00:01:15.000Z","type":"platform.runtimeDone","record":{"requestId":"6d","status":"success","more":{"x":[1]},
 "tracing":{"spanId":"54565fb41ac79632","type":"X-Amzn-Trace-Id","value":"Root=1-62e900b2-710d76f009d6e7785905449a;Parent=0efbd19962d95b05;Sampled=1"},
 "spans":[{"name":"someTimeSpan","start":"2022-08-02T12:01:23:521Z","durationMs":80.0}],"metrics":{"durationMs":140.0,"producedBytes":16}}},
{"time":"2022-10-12T00:01:15.000Z","type":"platform.report","record":{"requestId":"6d","metrics":{"billedDurationMs":694,"durationMs":693.92,"initDurationMs":397.68,"maxMemoryUsedMB":84,"memorySizeMB":128}}},
{"time":17,"type":"platform.start","record":{"requestId":"6e"}},
{"time":"?","type":"platform.start","record":{"requestId":5,"tracing":null,"spans":{"a":1},"status":"success"}},
{"time":"2022-10-12T00:01:15+0000","type":"platform.start","record":"text"},
17, null, "platform.start", []
]`
	events, err := Decode([]byte(batch))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range events {
		got = append(got, fmt.Sprint(e.Type, " ", e.Record.RequestID, " ", e.Record.Status, " ", e.Time.IsZero()))
	}
	want := []string{
		"platform.initStart   false", "platform.runtimeDone 6d success false", "platform.report 6d  false",
		"platform.start 6e  true", "platform.start  success true", "platform.start   false",
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	done := events[1].Record
	start, end, ok := done.Spans[0].Times()
	if !ok || start != time.Date(2022, 8, 2, 12, 1, 23, 521e6, time.UTC) || end.Sub(start) != 80*time.Millisecond {
		t.Error(start, end, ok)
	}
	if d, ok := done.Metrics.Duration(); !ok || d != 140*time.Millisecond || done.Tracing.SpanID != "54565fb41ac79632" || *done.Metrics.ProducedBytes != 16 {
		t.Errorf("%+v", done)
	}
	if d, ok := events[2].Record.Metrics.Duration(); !ok || d != 693920*time.Microsecond {
		t.Error(d, ok)
	}
}

func TestDecodeInvalid(t *testing.T) {
	for _, body := range []string{"", "{}", "[", `"x"`, "[{}] x"} {
		if _, err := Decode([]byte(body)); err == nil {
			t.Errorf("%s is read", body)
		}
	}
	if events, err := Decode([]byte("null")); err != nil || len(events) != 0 {
		t.Error(events, err)
	}
}

// Times that no invocation has would make a trace as long.
func TestTimesInvalid(t *testing.T) {
	ms := func(f float64) *float64 { return &f }
	for _, s := range []Span{
		{Start: "2022-08-02T12:01:23.521Z"}, {DurationMs: ms(1)}, {Start: "now", DurationMs: ms(1)},
		{Start: "2022-08-02T12:01:23.521Z", DurationMs: ms(-1)}, {Start: "2022-08-02T12:01:23.521Z", DurationMs: ms(1e300)},
		{Start: "0001-01-01T00:00:00Z", DurationMs: ms(1)}, {Start: "9999-01-01T00:00:00Z", DurationMs: ms(1)},
	} {
		if start, end, ok := s.Times(); ok {
			t.Errorf("%+v: %v to %v", s, start, end)
		}
	}
}
