package exporter

import (
	"testing"
	"time"
)

var stats = []struct {
	text string
	want time.Duration // negative: an error
}{
	{"7 (bootstrap) R 1 7 7 0 -1 4194304 90 0 0 0 0 0 0 0 20 0 5 0 1234 1 2 3", 12340 * time.Millisecond},
	{"7 (a) b) R (c) S 1 7 7 0 -1 4194304 90 0 0 0 0 0 0 0 20 0 5 0 99 1 2 3", 990 * time.Millisecond},
	{"7 (a kernel of old) R 1 7 7 0 -1 4194304 90 0 0 0 0 0 0 0 20 0 5 0 1234", 12340 * time.Millisecond},
	{"7 (x) R 1 7 7 0 -1 4194304 90 0 0 0 0 0 0 0 20 0 5 0 461168601842 1", 461168601842 * tick},
	{"7 (x) R 1 7 7 0 -1 4194304 90 0 0 0 0 0 0 0 20 0 5 0 461168601843 1", -1},
	{"1 (init) R 1 7 7 0 -1 4194304 90 0 0 0 0 0 0 0 20 0 5 0 0 1 2 3", 0},
	{"", -1},
	{"7 (bootstrap) R 1 7", -1},
	{"7 bootstrap R 1 7 7 0 -1 4194304 90 0 0 0 0 0 0 0 20 0 5 0 1234 1 2 3", -1},
	{"7 (x) R 1 7 7 0 -1 4194304 90 0 0 0 0 0 0 0 20 0 5 0 -5 1 2 3", -1},
	{"7 (x) R 1 7 7 0 -1 4194304 90 0 0 0 0 0 0 0 20 0 5 0 9223372036854775807 1 2 3", -1},
}

func TestParseStartTime(t *testing.T) {
	for _, tt := range stats {
		got, err := parseStartTime([]byte(tt.text))
		if (err != nil) != (tt.want < 0) || err == nil && got != tt.want {
			t.Errorf("%q: %v, %v", tt.text, got, err)
		}
	}
}

func TestParseUptime(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"350.51 600.00\n": 350510 * time.Millisecond,
		"12\n":            12 * time.Second,
		"":                -1,
		"NaN 1":           -1,
		"-1 1":            -1,
		"1e300 1":         -1,
		"0 0":             0,
		"4294967296 1":    -1,
		"4294967295 1":    4294967295 * time.Second,
	} {
		got, err := parseUptime([]byte(text))
		if (err != nil) != (want < 0) || err == nil && got.Round(time.Millisecond) != want {
			t.Errorf("%q: %v, %v", text, got, err)
		}
	}
}

func FuzzProcessAge(f *testing.F) {
	for _, tt := range stats {
		f.Add(tt.text, "350.51 600.00\n")
	}
	f.Fuzz(func(t *testing.T, stat, uptime string) {
		if d, err := parseStartTime([]byte(stat)); err == nil && d < 0 {
			t.Errorf("%q started %v after boot", stat, d)
		}
		if d, err := parseUptime([]byte(uptime)); err == nil && d < 0 {
			t.Errorf("%q is up %v", uptime, d)
		}
	})
}

func TestSystemProcessStart(t *testing.T) {
	start := time.Unix(0, systemProcessStart())
	if d := loaded.Sub(start); d < 0 || d > maxLoad {
		t.Errorf("the process started %v before the package was initialized", d)
	}
}
