package main

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/lambdaxray/lambdaxray/mapping/segment"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func TestTimeline(t *testing.T) {
	inputs, err := filepath.Glob("testdata/*.jsonl")
	if err != nil || len(inputs) == 0 {
		t.Fatalf("no inputs in testdata (%v)", err)
	}
	for _, input := range inputs {
		t.Run(filepath.Base(input), func(t *testing.T) {
			segments := readSegments(t, input)
			var b bytes.Buffer
			printTimeline(&b, style{width: 110}, segments)
			golden(t, strings.TrimSuffix(input, ".jsonl")+".golden", b.Bytes())
			checkPrinted(t, b.String(), 110)
			b.Reset()
			printTimeline(&b, style{width: minWidth}, segments)
			checkPrinted(t, b.String(), minWidth)
		})
	}
}

// TestTimelineColor: colour changes nothing but the colour.
func TestTimelineColor(t *testing.T) {
	segments := readSegments(t, "testdata/cold_call.jsonl")
	var with, without bytes.Buffer
	printTimeline(&with, style{width: 100, color: true}, segments)
	printTimeline(&without, style{width: 100}, segments)
	if !strings.Contains(with.String(), "\x1b[31m") {
		t.Error("a fault is not red")
	}
	if diff := cmp.Diff(without.String(), uncolored(with.String())); diff != "" {
		t.Errorf("without colour (-plain +colored):\n%s", diff)
	}
}

func TestAxisTicks(t *testing.T) {
	for _, test := range []struct {
		seconds float64
		want    string
	}{
		{0, "0"},
		{0.0004, "0 100µs 200µs 300µs"},
		{0.412, "0 100ms 200ms 300ms"},
		{61.5, "0 20s 40s"},
	} {
		got := axis{start: 100, end: 100 + test.seconds, width: 41}.ticks()
		if strings.Join(strings.Fields(got), " ") != test.want {
			t.Errorf("%v s: ticks %q, want %q", test.seconds, got, test.want)
		}
	}
}

// FuzzTimeline: whatever a function sends, the terminal gets rows of printable
// text no wider than the page.
func FuzzTimeline(f *testing.F) {
	inputs, err := filepath.Glob("testdata/*.jsonl")
	if err != nil {
		f.Fatal(err)
	}
	for _, input := range inputs {
		b, err := os.ReadFile(input)
		if err != nil {
			f.Fatal(err)
		}
		for line := range bytes.Lines(b) {
			f.Add(line)
		}
	}
	f.Add([]byte(`{"name":"","start_time":1e308,"end_time":-1e308,"subsegments":[{"start_time":1e-300},null]}`))
	f.Fuzz(func(t *testing.T, doc []byte) {
		d, err := segment.Parse(doc)
		if err != nil {
			t.Skip()
		}
		var b bytes.Buffer
		printTimeline(&b, style{width: minWidth}, []*segment.Document{d})
		checkPrinted(t, b.String(), minWidth)
	})
}

func checkPrinted(t *testing.T, text string, width int) {
	t.Helper()
	if printed := strings.ReplaceAll(text, "\n", ""); printed != clean(printed) {
		t.Errorf("control characters reach the terminal: %q", text)
	}
	for line := range strings.Lines(text) {
		if n := utf8.RuneCountInString(strings.TrimSuffix(line, "\n")); n > width {
			t.Errorf("%d columns, the page has %d: %s", n, width, line)
		}
	}
}

func readSegments(t *testing.T, file string) []*segment.Document {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var segments []*segment.Document
	for line := range bytes.Lines(b) {
		d, err := segment.Parse(line)
		if err != nil {
			t.Fatal(err)
		}
		segments = append(segments, d)
	}
	return segments
}

func golden(t *testing.T, file string, have []byte) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, have, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(have)); diff != "" {
		t.Errorf("%s (-want +have), rewrite with -update:\n%s", file, diff)
	}
}

// uncolored removes what paint adds.
func uncolored(text string) string {
	var b strings.Builder
	for {
		before, after, found := strings.Cut(text, "\x1b[")
		b.WriteString(before)
		if !found {
			return b.String()
		}
		_, text, _ = strings.Cut(after, "m")
	}
}
