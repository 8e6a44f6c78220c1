package segment_test

import (
	"encoding/json"
	"testing"
	"time"

	"go.opentelemetry.io/otel/trace"

	"github.com/lambdaxray/lambdaxray/mapping/segment"
)

func TestTraceID(t *testing.T) {
	id, err := trace.TraceIDFromHex("581cf771a006649127e371903a2de979")
	if err != nil {
		t.Fatal(err)
	}
	const want = "1-581cf771-a006649127e371903a2de979"
	if got := segment.TraceID(id); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	for _, s := range []string{want, "1-581CF771-A006649127E371903A2DE979"} {
		if got, err := segment.ParseTraceID(s); got != id || err != nil {
			t.Errorf("%s: got %v, %v", s, got, err)
		}
	}
	for _, s := range []string{
		"", "581cf771a006649127e371903a2de979", "1-00000000-000000000000000000000000",
		"2-581cf771-a006649127e371903a2de979", "1_581cf771-a006649127e371903a2de979",
		"1-581cf771_a006649127e371903a2de979", "1-581cf771-a006649127e371903a2de97g",
		"1-581cf77g-a006649127e371903a2de979", "1-581cf771-a006649127e371903a2de9799",
	} {
		if got, err := segment.ParseTraceID(s); err == nil || got.IsValid() {
			t.Errorf("%q: got %v without an error", s, got)
		}
	}
}

func TestSeconds(t *testing.T) {
	for want, at := range map[json.Number]time.Time{
		"0":                    time.Unix(0, 0),
		"1478293361.271":       time.Unix(1478293361, 271e6),
		"1478293361.000000001": time.Unix(1478293361, 1),
		"1478293361.1":         time.Unix(1478293361, 1e8),
		"95617583999":          time.Unix(95617583999, 0), // beyond what fits 64 bits of nanoseconds
	} {
		if got := segment.Seconds(at); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
		if got, err := segment.Time(want); !got.Equal(at) || err != nil {
			t.Errorf("%s: got %v, %v, want %v", want, got, err, at)
		}
	}
	for at, want := range map[time.Time]json.Number{
		time.Unix(-1, 0):   "-1",
		time.Unix(-2, 5e8): "-1.5",
	} {
		if got := segment.Seconds(at); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

func TestTime(t *testing.T) {
	for text, want := range map[json.Number]time.Time{
		"1.478293361271E9":        time.Unix(1478293361, 271e6),
		"1478293361271e-3":        time.Unix(1478293361, 271e6),
		"1.5000000019999":         time.Unix(1, 500000001),
		"0.1":                     time.Unix(0, 1e8),
		"1478293361.9999999999e0": time.Unix(1478293362, 0),
	} {
		if got, err := segment.Time(text); !got.Equal(want) || err != nil {
			t.Errorf("%s: got %v, %v, want %v", text, got, err, want)
		}
	}
	for _, text := range []json.Number{"", "x", "-1", "1478293361271", "1e999", "NaN"} {
		if got, err := segment.Time(text); err == nil {
			t.Errorf("%q: got %v without an error", text, got)
		}
	}
}
