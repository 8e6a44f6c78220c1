package mapping

import (
	"go.opentelemetry.io/otel/attribute"
)

// keySet finds keys that come twice among the attributes without a slot. Below
// 16 attributes it compares, above it hashes.
type keySet struct {
	all   []int32 // the attributes; above 16 also those that another one replaced
	table []int32
	many  bool
}

func (s *keySet) reset(n int) {
	s.all = s.all[:0]
	s.many = n > 16
	if !s.many {
		return
	}
	size := 32
	for size < 2*n {
		size *= 2
	}
	s.table = resize(s.table, size)
	clear(s.table)
}

// put records that attrs[i] has this key, and returns where it was before.
func (s *keySet) put(key string, i int, attrs []attribute.KeyValue) (before int, again bool) {
	if !s.many {
		for n, j := range s.all {
			if string(attrs[j].Key) == key {
				s.all[n] = int32(i)
				return int(j), true
			}
		}
		s.all = append(s.all, int32(i))
		return 0, false
	}
	s.all = append(s.all, int32(i))
	h := uint64(14695981039346656037)
	for j := range len(key) {
		h = (h ^ uint64(key[j])) * 1099511628211
	}
	for mask := uint64(len(s.table) - 1); ; h++ {
		j := s.table[h&mask]
		if j == 0 {
			s.table[h&mask] = int32(i + 1)
			return 0, false
		}
		if string(attrs[j-1].Key) == key {
			s.table[h&mask] = int32(i + 1)
			return int(j - 1), true
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
