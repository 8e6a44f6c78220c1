package compare

import (
	"testing"
)

// TestDifferences gives every golden input to both components and finds each difference
// on the list, and each entry of the list among the differences.
func TestDifferences(t *testing.T) {
	seen := make(map[string]int)
	for _, in := range inputs(t) {
		ours := lambdaxrayComponent().documents(t, in)
		if in.options.URLQuery || in.options.SQLLiterals { // an option of the mapper, not of the component
			var err error
			if ours, err = in.options.mapper().AppendDocuments(nil, in.spans); err != nil {
				t.Fatalf("%s: %v", in.name, err)
			}
		}
		for _, d := range in.diff(t, ours, awsxray().documents(t, in)) {
			entry := Find(Differences, d)
			if entry == nil {
				t.Errorf("not on the list: %v", d)
				continue
			}
			seen[entry.Name]++
		}
	}
	for _, entry := range Differences {
		if seen[entry.Name] == 0 {
			t.Errorf("%q: nothing differs that way any more; remove the entry", entry.Name)
		}
		t.Logf("%5d %s", seen[entry.Name], entry.Name)
	}
}

func (in input) diff(t *testing.T, ours, theirs [][]byte) []Difference {
	t.Helper()
	o, err := Flatten(ours, in.byKey)
	if err != nil {
		t.Fatalf("%s: ours: %v", in.name, err)
	}
	th, err := Flatten(theirs, in.byKey)
	if err != nil {
		t.Fatalf("%s: theirs: %v", in.name, err)
	}
	return Diff(in.name, in.byKey, o, th)
}
