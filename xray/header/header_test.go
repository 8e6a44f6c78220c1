package header

import (
	"testing"
)

func TestFromString(t *testing.T) {
	for _, test := range []struct{ in, out string }{
		{"Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1", "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1"},
		{" Sampled=? ; Root=1-a ", "Root=1-a;Sampled=?"},
		{"Self=1-x;Root=1-a;Lineage=7:a|b:c;foo=b=c", "Root=1-a;Lineage=7:a|b:c;foo=b=c"},
		{"Sampled=2;Parent", ""},
		{"", ""},
	} {
		if got := FromString(test.in).String(); got != test.out {
			t.Errorf("%q becomes %q, want %q", test.in, got, test.out)
		}
	}
}

func FuzzHeader(f *testing.F) {
	f.Add("Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1;Lineage=a:1")
	f.Add("=;==;Root;Self=;Sampled=?")
	f.Fuzz(func(t *testing.T, s string) {
		once := FromString(s).String()
		if twice := FromString(once).String(); twice != once {
			t.Errorf("%q becomes %q, and that %q", s, once, twice)
		}
	})
}
