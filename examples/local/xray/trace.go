package xray

import (
	"hash/maphash"
	"slices"
)

// trace is what is kept of one trace.
type trace struct {
	id        string
	documents []document // in order of arrival
	bytes     int        // of them
	exceeded  bool       // more came than may be kept

	entries  map[string]*entry // by id; nil while its documents are not parsed
	compiled *compiledTrace    // nil after a change
	flat     *flat             // nil until it has been settled
	slot     int               // in its minute
	dirty    bool              // flat is not what entries say

	older, newer *trace
}

// document is one that arrived.
type document struct {
	rawRef
	arrival    uint64
	time       int64 // of its arrival, in ns since 1970
	live       int32 // entries that nothing has replaced
	violations uint8
	source     uint8
}

var sources = [...]string{"file", "udp", "api", "otlp", "platform"}

func sourceOf(name string) uint8 { return uint8(max(slices.Index(sources[:], name), 0)) }

// apply puts entries in their places, without regard to bounds.
func (t *trace) apply(entries []*entry) {
	for _, e := range entries {
		if e.replaces(t.entries[e.key]) {
			t.entries[e.key] = e
		}
	}
	t.count()
}

// count finds out which documents still have a part in the trace.
func (t *trace) count() {
	for i := range t.documents {
		t.documents[i].live = 0
	}
	for _, e := range t.entries {
		if i, found := slices.BinarySearchFunc(t.documents, e.arrival, func(d document, a uint64) int {
			switch {
			case d.arrival < a:
				return -1
			case d.arrival > a:
				return 1
			}
			return 0
		}); found {
			t.documents[i].live++
		}
	}
}

// take puts the entries of a document in their places, if the trace stays within
// limit bytes with it. taken says whether any of them has a place. freed are the
// bytes of documents of which nothing is left: dropDead removes them.
func (t *trace) take(entries []*entry, arrival uint64, size, limit int) (freed int, taken bool) {
	type place struct {
		key string
		old *entry
	}
	var undo []place
	for _, e := range entries {
		if old := t.entries[e.key]; e.replaces(old) {
			undo = append(undo, place{e.key, old})
			t.entries[e.key] = e
			taken = true
		}
	}
	if !taken {
		return 0, false
	}
	t.count()
	for _, d := range t.documents {
		if d.live == 0 {
			freed += d.size()
		}
	}
	if t.bytes-freed+size <= limit {
		return freed, true
	}
	t.exceeded = true
	for _, p := range slices.Backward(undo) {
		if p.old == nil {
			delete(t.entries, p.key)
		} else {
			t.entries[p.key] = p.old
		}
	}
	t.count()
	return 0, false
}

// dropDead removes the documents of which nothing is left, and returns them.
func (t *trace) dropDead() (dead []document) {
	t.documents = slices.DeleteFunc(t.documents, func(d document) bool {
		if d.live == 0 {
			dead = append(dead, d)
			t.bytes -= d.size()
		}
		return d.live == 0
	})
	return dead
}

// list is the traces by the arrival of their last document.
type list struct{ oldest, newest *trace }

func (l *list) touch(t *trace) {
	if l.newest == t {
		return
	}
	l.remove(t)
	t.older = l.newest
	if l.newest != nil {
		l.newest.newer = t
	} else {
		l.oldest = t
	}
	l.newest = t
}

func (l *list) remove(t *trace) {
	if t.older != nil {
		t.older.newer = t.newer
	} else if l.oldest == t {
		l.oldest = t.newer
	}
	if t.newer != nil {
		t.newer.older = t.older
	} else if l.newest == t {
		l.newest = t.older
	}
	t.older, t.newer = nil, nil
}

// maxRemembered is how many evicted traces are known by their ids' hashes.
const maxRemembered = 200_000

// remembered are the last traces that were evicted: a late document of one must not
// come back as a fragment.
type remembered struct {
	seed  maphash.Seed
	known map[uint64]struct{}
	order []uint64
	next  int
}

func (r *remembered) add(id string) {
	if r.known == nil {
		r.seed, r.known = maphash.MakeSeed(), make(map[uint64]struct{})
	}
	h := maphash.String(r.seed, id)
	if len(r.order) < maxRemembered {
		r.order = append(r.order, h)
	} else {
		delete(r.known, r.order[r.next])
		r.order[r.next] = h
		r.next = (r.next + 1) % maxRemembered
	}
	r.known[h] = struct{}{}
}

func (r *remembered) has(id string) bool {
	if r.known == nil {
		return false
	}
	_, ok := r.known[maphash.String(r.seed, id)]
	return ok
}
