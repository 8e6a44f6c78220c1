package xray

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"

	"github.com/lambdaxray/lambdaxray/mapping/segment"
)

// A Store takes segment documents in any order and compiles them into traces as
// X-Ray does. It keeps a bounded number of traces in memory.
type Store struct {
	maxTraces     int
	maxTraceBytes int

	mu     sync.Mutex
	traces map[string]*storedTrace
	order  []string // trace ids, in order of their first document
	seq    int      // of the last document
}

// StoreOption configures a [Store].
type StoreOption interface{ applyStore(*Store) }

type storeOption func(*Store)

func (o storeOption) applyStore(s *Store) { o(s) }

// WithMaxTraces limits the number of traces; the one whose first document came
// first goes first. Default 1000, at least 1.
func WithMaxTraces(n int) StoreOption {
	return storeOption(func(s *Store) { s.maxTraces = max(n, 1) })
}

// WithMaxTraceBytes limits the documents of one trace. What comes after is not
// kept and [Trace] says LimitExceeded. Default 500 kB, which X-Ray allows when
// the documents arrive together; when they trickle it allows about 100 kB.
//
// Source: https://docs.aws.amazon.com/general/latest/gr/xray.html#limits_xray
func WithMaxTraceBytes(n int) StoreOption {
	return storeOption(func(s *Store) { s.maxTraceBytes = n })
}

// NewStore returns an empty store.
func NewStore(opts ...StoreOption) *Store {
	s := &Store{maxTraces: 1000, maxTraceBytes: 500_000, traces: make(map[string]*storedTrace)}
	for _, o := range opts {
		o.applyStore(s)
	}
	return s
}

// storedTrace is what arrived of one trace. Documents are taken apart: every
// segment and subsegment is an entry of its own, so that parts which arrive
// twice, late, nested or alone meet by their ids.
type storedTrace struct {
	id       string
	entries  map[string]*entry
	bytes    int
	exceeded bool
	compiled *compiledTrace // nil after a change
}

// entry is one segment or subsegment without its children.
type entry struct {
	doc     *segment.Document
	key     string // its id
	parent  string // key of the enclosing document, or parent_id
	segment bool
	seq     int // of the document it came in
}

// Put takes one document. A complete part replaces an in-progress one with its
// id, whichever came first; of two complete ones the later counts. The error
// says why a document cannot be stored at all; [CheckDocument] is stricter.
func (s *Store) Put(doc []byte) error {
	d, err := segment.Parse(doc)
	if err != nil {
		return fmt.Errorf("store: %w", err)
	}
	switch {
	case d.TraceID == "":
		return errors.New("store: segment document: trace_id is missing")
	case d.ID == "":
		return errors.New("store: segment document: id is missing")
	case d.Type == "subsegment" && d.ParentID == "":
		return errors.New("store: segment document: parent_id is missing on a subsegment")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	t := s.traces[d.TraceID]
	if t == nil {
		t = &storedTrace{id: d.TraceID, entries: make(map[string]*entry)}
		s.traces[d.TraceID] = t
		s.order = append(s.order, d.TraceID)
		if len(s.order) > s.maxTraces {
			delete(s.traces, s.order[0])
			s.order = s.order[1:]
		}
	}
	if t.bytes+len(doc) > s.maxTraceBytes {
		t.exceeded = true
		return nil
	}
	t.bytes += len(doc)
	t.compiled = nil
	s.seq++
	t.add(d, d.ParentID, d.Type != "subsegment", s.seq)
	return nil
}

// add takes d and its subsegments apart.
func (t *storedTrace) add(d *segment.Document, parent string, isSegment bool, seq int) {
	children := d.Subsegments
	d.Subsegments = nil
	e := &entry{doc: d, key: d.ID, parent: parent, segment: isSegment, seq: seq}
	if old := t.entries[e.key]; old == nil || !d.InProgress || old.doc.InProgress {
		t.entries[e.key] = e
	}
	for i, child := range children {
		if child == nil {
			continue
		}
		if child.ID == "" { // illegal, but still worth showing
			child.ID = fmt.Sprintf("%s/%d", e.key, i)
		}
		t.add(child, e.key, false, seq)
	}
}

// TraceIDs returns the ids of the traces in the store, in order of their first
// document.
func (s *Store) TraceIDs() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.order)
}

// Reset forgets everything.
func (s *Store) Reset() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.traces, s.order = make(map[string]*storedTrace), nil
}

// compile returns the compiled traces with the ids, or all of them if ids is
// nil, and the ids that are not in the store. A compiled trace is immutable.
func (s *Store) compile(ids []string) (traces []*compiledTrace, missing []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if ids == nil {
		ids = s.order
	}
	for _, id := range ids {
		t := s.traces[id]
		if t == nil {
			missing = append(missing, id)
			continue
		}
		if t.compiled == nil {
			t.compiled = compileTrace(t.id, slices.Collect(maps.Values(t.entries)))
			t.compiled.exceeded = t.exceeded
		}
		traces = append(traces, t.compiled)
	}
	return traces, missing
}
