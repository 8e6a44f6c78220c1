package main

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The extension and a Collector run, and every document is received. Without a way to
// the builder the extension's rows are there all the same.
func TestMeasureExtension(t *testing.T) {
	if testing.Short() {
		t.Skip("builds the layer and a Collector")
	}
	dirs, err := findModules(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	r := newResults()
	missing, err := measureExtension(t.Context(), dirs.root, short, r, t.Logf)
	if err != nil {
		t.Fatal(err)
	}
	impls := []string{extension, collectorPlain, collectorQueue}
	switch {
	case errors.Is(missing, errNotLinux):
		t.Skip(missing)
	case errors.Is(missing, errNoBuilder):
		t.Log(missing)
		impls = impls[:1]
	case missing != nil:
		t.Fatal(missing)
	}
	for _, row := range besideRows {
		for _, impl := range impls {
			if v, ok := r.median(row.measure, impl); !ok || v <= 0 {
				t.Errorf("%s of %s: %v", row.label, impl, v)
			}
		}
	}
}

// No network and no builder: the rest of the bench still runs.
func TestNoBuilder(t *testing.T) {
	t.Setenv("GOPROXY", "off")
	t.Setenv("GOMODCACHE", t.TempDir())
	t.Setenv("GOFLAGS", "-modcacherw")
	if _, err := buildCollector(t.Context(), "nowhere", t.TempDir()); !errors.Is(err, errNoBuilder) {
		t.Errorf("%v, want %v", err, errNoBuilder)
	}
}

// The Collector has the versions of the one that CI runs.
func TestCollectorVersions(t *testing.T) {
	read := func(name string) string {
		data, err := os.ReadFile(filepath.Join("..", "collector", name))
		if err != nil {
			t.Fatal(err)
		}
		return string(data)
	}
	theirs := read("builder.yaml")
	modules := regexp.MustCompile(`gomod: \S+ v\S+`).FindAllString(collectorManifest, -1)
	if len(modules) != 4 {
		t.Errorf("modules %q", modules)
	}
	for _, m := range modules {
		if !strings.Contains(theirs, m+"\n") {
			t.Errorf("examples/collector/builder.yaml has another version than %s", m)
		}
	}
	if !strings.Contains(read("run.sh"), builder) {
		t.Errorf("examples/collector/run.sh has another version than %s", builder)
	}
}

func TestBesideCells(t *testing.T) {
	r := newResults()
	for impl, v := range map[string]float64{extension: 3, collectorPlain: 16, collectorQueue: 15} {
		r.add(besideReady, impl, v)
	}
	r.add(besideSize, extension, 7.1)
	for _, tc := range []struct {
		row  besideRow
		want []string
	}{
		{besideRow{besideReady, "ready", "%.2f", 0.25, true}, []string{"ready", "3.00", "16.00", "15.00", "0.20", "≤ 0.25×"}},
		{besideRow{besideReady, "ready", "%.0f", 0.1, true}, []string{"ready", "3", "16", "15", "0.20", "≤ 0.1×, missed"}},
		{besideRow{besideSize, "binary", "%.1f", 7, false}, []string{"binary", "7.1", "·", "·", "·", "≤ 7, missed"}},
		{besideRow{besideCPU, "not taken", "%.1f", 0.25, true}, []string{"not taken", "·", "·", "·", "·", "≤ 0.25×"}},
	} {
		if diff := cmp.Diff(tc.want, tc.row.cells(r)); diff != "" {
			t.Errorf("-want +got:\n%s", diff)
		}
	}
}

// What is missing is said.
func TestPrintBeside(t *testing.T) {
	var out bytes.Buffer
	printBeside(&out, newResults(), machine{}, errNoBuilder)
	if !strings.Contains(out.String(), "Not all was measured: no Collector Builder") {
		t.Errorf("%s", &out)
	}
}

// Each body is a trace of its own, in both encodings.
func TestRequestBody(t *testing.T) {
	req, err := newRequest("../../mapping/testdata/golden/lambda_trace_current_conventions/spans.json")
	if err != nil {
		t.Fatal(err)
	}
	for protocol, plain := range map[string][]byte{"HTTP protobuf": req.protobuf, "HTTP JSON": req.json, "gRPC": req.protobuf} {
		a, b := req.body(protocol), req.body(protocol)
		if bytes.Equal(a, b) || bytes.Contains(a, req.traceID[:]) || len(a) != len(plain) {
			t.Errorf("%s: bodies of %d and %d bytes", protocol, len(a), len(b))
		}
	}
}
