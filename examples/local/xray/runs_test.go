package xray

import (
	"net/http"
	"testing"
	"time"
)

// Runs are told apart by the moment at which the function changed, within a minute too.
func TestRuns(t *testing.T) {
	s := storeOf(t, doc("orders", "1", "", 100, 101), in(traceNo(2), doc("orders", "2", "", 110, 111)), in(traceNo(3), doc("orders", "3", "", 115, 116)))
	h := NewPageHandler(s, PageOptions{})
	for _, row := range pageRows(t, h, "") {
		if row.Run != 0 {
			t.Errorf("run %d before a change", row.Run)
		}
	}
	if got, status := answered[PageError](t, h, "/api/traces?run=2"); status != 400 || got.Error.Parameter != "run" {
		t.Errorf("run 2 of 1: %d %+v", status, got)
	}
	s.Reloaded(time.Unix(110, 0))
	s.Reloaded(time.Unix(114, 0))
	for run, want := range map[string]float64{"1": 100, "2": 110, "3": 115} {
		rows := pageRows(t, h, "?run="+run)
		if len(rows) != 1 || rows[0].Start != want || string(rune('0'+rows[0].Run)) != run {
			t.Errorf("run %s has %+v", run, rows)
		}
		for _, filter := range []string{"", "&filter=service(%22orders%22)"} {
			if graph, _ := answered[PageGraph](t, h, "/api/graph?run="+run+filter); graph.Traces != 1 {
				t.Errorf("run %s%s has %d traces on the map", run, filter, graph.Traces)
			}
			if series, _ := answered[PageSeries](t, h, "/api/series?node=%20orders&run="+run+filter); len(series.Points) != 1 || series.Points[0].Stats.Total != 1 {
				t.Errorf("run %s%s has %+v", run, filter, series.Points)
			}
		}
	}
	if rows := pageRows(t, h, "?run=1&from=105"); len(rows) != 0 {
		t.Errorf("run 1 from 105 on has %+v", rows)
	}
	if event := s.event(1); len(event.Reloads) != 2 || event.Reloads[1] != 114 {
		t.Errorf("the event tells of %v", event.Reloads)
	}
}

func pageRows(t *testing.T, h http.Handler, query string) []PageRow {
	t.Helper()
	page, status := answered[PageTraces](t, h, "/api/traces"+query)
	if status != 200 {
		t.Fatalf("%s: %d", query, status)
	}
	return page.Traces
}
