package mapping

import (
	"hash/maphash"

	"go.opentelemetry.io/otel/attribute"
)

// keySet finds keys that come twice among attributes. Below 16 attributes it
// compares, above it hashes, so that its time grows with their number.
type keySet struct {
	attrs []attribute.KeyValue
	all   []int32 // the attributes in the set; above 16 also those that another one replaced
	table []int32 // 1 + index into attrs, by the key's hash; 0: free
	many  bool
}

// keySeed makes the hashes unpredictable, so that nobody can send keys that all meet.
// What is written does not depend on it.
var keySeed = maphash.MakeSeed()

// reset empties the set for keys of attrs.
func (s *keySet) reset(attrs []attribute.KeyValue) {
	s.attrs = attrs
	s.all = s.all[:0]
	s.many = len(attrs) > 16
	if !s.many {
		return
	}
	size := 32
	for size < 2*len(attrs) {
		size *= 2
	}
	s.table = resize(s.table, size)
	clear(s.table)
}

// put records attrs[i], and returns the attribute of the same key before it.
func (s *keySet) put(i int) (before int, again bool) {
	key := s.attrs[i].Key
	if !s.many {
		for n, j := range s.all {
			if s.attrs[j].Key == key {
				s.all[n] = int32(i)
				return int(j), true
			}
		}
		s.all = append(s.all, int32(i))
		return 0, false
	}
	s.all = append(s.all, int32(i))
	at := s.place(string(key))
	before, again = int(s.table[at])-1, s.table[at] != 0
	s.table[at] = int32(i + 1)
	return before, again
}

// last returns the last attribute of that key in the set, -1 if there is none.
func (s *keySet) last(key string) int {
	if s.many {
		return int(s.table[s.place(key)]) - 1
	}
	for _, j := range s.all {
		if string(s.attrs[j].Key) == key {
			return int(j)
		}
	}
	return -1
}

// place returns where the key is in the table, or where it would be.
func (s *keySet) place(key string) int {
	mask := uint64(len(s.table) - 1)
	for h := maphash.String(keySeed, key); ; h++ {
		if j := s.table[h&mask]; j == 0 || string(s.attrs[j-1].Key) == key {
			return int(h & mask)
		}
	}
}

// resize returns s with length n, reallocated only when it has to grow.
func resize[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n, n+n/2)
	}
	return s[:n]
}
