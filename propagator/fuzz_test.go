package propagator_test

import (
	"testing"

	"github.com/lambdaxray/lambdaxray/propagator"
)

// FuzzParseHeader holds that what goes out reads back as what came in, that it is
// short and clean, and that contrib agrees wherever it accepts a header.
func FuzzParseHeader(f *testing.F) {
	for _, tt := range headerCases {
		f.Add(tt.in)
	}
	f.Add(root + ";" + parent + ";Sampled=1; RootX=2;Lineage")
	f.Fuzz(func(t *testing.T, in string) {
		checkContrib(t, in)
		h, err := propagator.ParseHeader(in)
		if !h.Root.IsValid() {
			if err == nil || h.Parent.IsValid() || h.String() != "" {
				t.Errorf("%q without a root reads as %+v, %v", in, h, err)
			}
			return
		}
		out := h.String()
		if len(out) > 256 {
			t.Errorf("%q goes out with %d characters", in, len(out))
		}
		for i := range len(out) {
			if out[i] < ' ' && out[i] != '\t' || out[i] > '~' {
				t.Errorf("%q goes out as %q", in, out)
			}
		}
		again, err := propagator.ParseHeader(out)
		if err != nil {
			t.Fatalf("%q goes out as %q: %v", in, out, err)
		}
		// Parent and Sampled go out both or neither.
		want := h
		if want.Parent.IsValid() && want.Sampled == propagator.SamplingUnset {
			want.Sampled = propagator.SamplingRequested
		}
		if !want.Parent.IsValid() {
			want.Sampled = propagator.SamplingUnset
		}
		if again != want {
			t.Errorf("%q reads back as %q, want %q", in, again, want)
		}
	})
}
