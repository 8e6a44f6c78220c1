package mapping

import (
	"testing"

	"go.opentelemetry.io/otel/attribute"
)

func TestAttributeTable(t *testing.T) {
	seen := map[string]bool{}
	newest := map[slot]string{}
	for i, a := range attributeTable {
		if seen[a.key] {
			t.Errorf("%s is in the table twice", a.key)
		}
		seen[a.key] = true
		if got := tableIndex(a.key); got != i {
			t.Errorf("tableIndex(%q) = %d, want %d", a.key, got, i)
		}
		if a.generation == current {
			if other := newest[a.slot]; other != "" {
				t.Errorf("%s and %s are both the current key of one slot", other, a.key)
			}
			newest[a.slot] = a.key
		}
	}
	for _, key := range []string{"", "x", "http", "http.request.methoe", "order.id", "aws.xray.metadata.ns", "db.nam", "db.namee"} {
		if got := tableIndex(key); got != -1 {
			t.Errorf("tableIndex(%q) = %d, want -1", key, got)
		}
	}
}

// TestAttributeTableNearMisses changes every byte of every key, and its length
// with the same words at both ends.
func TestAttributeTableNearMisses(t *testing.T) {
	known := make(map[string]bool)
	for _, a := range attributeTable {
		known[a.key] = true
	}
	for _, a := range attributeTable {
		for i := range len(a.key) {
			for _, key := range []string{
				a.key[:i] + "\x00" + a.key[i+1:],
				a.key[:i] + a.key[i+1:],
				a.key[:i] + "." + a.key[i:],
			} {
				if got := tableIndex(key); got >= 0 && !known[key] {
					t.Errorf("tableIndex(%q) = %d (%s)", key, got, attributeTable[got].key)
				}
			}
		}
	}
}

// Two generations of one convention on one span: the current key fills the
// slot, the older one is left for metadata unless it says the same.
func TestScanGenerations(t *testing.T) {
	for name, c := range map[string]struct {
		attrs []attribute.KeyValue
		want  string
		left  []int
	}{
		"current":           {[]attribute.KeyValue{attribute.String("http.request.method", "GET")}, "GET", nil},
		"older":             {[]attribute.KeyValue{attribute.String("http.method", "GET")}, "GET", nil},
		"both, equal":       {[]attribute.KeyValue{attribute.String("http.method", "GET"), attribute.String("http.request.method", "GET")}, "GET", nil},
		"both, older first": {[]attribute.KeyValue{attribute.String("http.method", "get"), attribute.String("http.request.method", "GET")}, "GET", []int{0}},
		"both, older last":  {[]attribute.KeyValue{attribute.String("http.request.method", "GET"), attribute.String("http.method", "get")}, "GET", []int{1}},
		"same key twice":    {[]attribute.KeyValue{attribute.String("http.method", "GET"), attribute.String("http.method", "PUT")}, "PUT", nil},
	} {
		t.Run(name, func(t *testing.T) {
			var f fields
			f.scan(c.attrs)
			if got := f.spendText(slotHTTPMethod); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
			var left []int
			for i, spent := range f.spent {
				if !spent {
					left = append(left, i)
				}
			}
			if len(left) != len(c.left) || len(left) > 0 && left[0] != c.left[0] {
				t.Errorf("left for metadata: %v, want %v", left, c.left)
			}
		})
	}
}

// A key that comes twice counts once, with its last value, below and above the
// size where the set starts to hash.
func TestScanDuplicateKeys(t *testing.T) {
	for _, n := range []int{3, 15, 40, 300} {
		attrs := make([]attribute.KeyValue, 0, 2*n)
		for i := range n {
			attrs = append(attrs, attribute.Int("key."+string(rune('a'+i%26))+string(rune('a'+i/26)), i))
		}
		attrs = append(attrs, attrs...)
		var f fields
		f.scan(attrs)
		for i, spent := range f.spent {
			if spent != (i < n) {
				t.Fatalf("%d keys: attribute %d spent is %v", n, i, spent)
			}
		}
	}
}

// A slot has one meaning: the same blocks look at it, whatever key fills it.
func TestAttributeTableBlocks(t *testing.T) {
	first := map[slot]blocks{}
	for _, a := range attributeTable {
		if b, ok := first[a.slot]; ok && b != a.blocks {
			t.Errorf("%s is for the blocks %b, another key of its slot for %b", a.key, a.blocks, b)
		}
		first[a.slot] = a.blocks
	}
}
