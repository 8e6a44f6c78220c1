package xray

import (
	"fmt"
	"sync"
	"time"

	"github.com/lambdaxray/lambdaxray/mapping/segment"
)

// A Store takes segment documents in any order and compiles them into traces as
// X-Ray does. It keeps what its bounds allow, the traces with the latest documents.
//
// All of it stands behind one lock that nobody holds for long: documents are read
// and checked before, a trace is compiled when 128 others have changed since or
// somebody asks, and queries work on summaries that do not change any more.
type Store struct {
	maxBytes      int
	maxTraces     int
	maxTraceBytes int
	journal       journal

	mu       sync.Mutex
	traces   map[string]*trace
	arrivals list // the one that changed last is the newest
	dirty    []*trace
	opened   []*trace // with entries, by when they were opened
	minutes  map[int64]*minute
	longest  float64 // seconds that a trace has taken
	raw      rawLog
	reader   reader
	bytes    int // of the documents in raw
	arrival  uint64
	seq      int
	changed  chan struct{}       // closed and replaced when seq grows
	waiting  map[string][]string // by the trace they link to, which is not known yet
	linkers  map[string][]string // by the trace they link to
	evicted  remembered
	health   health
	spans    spanLog
	reloads  []float64 // when the function changed, ascending

	groupsMu sync.Mutex
	named    []Group
}

// minute is what began in a minute.
type minute struct {
	sum    *aggregate
	traces []*trace
}

const (
	maxDirty  = 128  // traces that are not compiled yet
	maxOpened = 1024 // traces whose documents are kept parsed, 10 kB each
)

// NewStore returns an empty store.
func NewStore(opts ...StoreOption) *Store {
	s := &Store{maxBytes: 256_000_000, maxTraces: 250_000, maxTraceBytes: 500_000, journal: noJournal{}}
	s.clear()
	for _, o := range opts {
		o.applyStore(s)
	}
	return s
}

func (s *Store) clear() {
	s.traces, s.minutes, s.waiting = make(map[string]*trace), make(map[int64]*minute), make(map[string][]string)
	s.linkers = make(map[string][]string)
	s.arrivals, s.dirty, s.opened, s.longest, s.bytes = list{}, nil, nil, 0, 0
	s.raw, s.reader = rawLog{}, reader{}
	s.evicted = remembered{}
	s.health = health{started: time.Now()}
	s.spans.clear()
	s.reloads = nil
	s.change()
}

// change tells those who wait that something is new.
func (s *Store) change() {
	s.seq++
	if s.changed != nil {
		close(s.changed)
		s.changed = nil
	}
}

// Changed returns a number that grows with every change, and a channel that is
// closed at the next one.
func (s *Store) Changed() (seq int, next <-chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.changed == nil {
		s.changed = make(chan struct{})
	}
	return s.seq, s.changed
}

// journal keeps documents beyond the life of the process.
type journal interface {
	append(arrival uint64, a Arrival, violations int)
	remove(arrival uint64)
	sync() error
	close() error
}

type noJournal struct{}

func (noJournal) append(uint64, Arrival, int) {}
func (noJournal) remove(uint64)               {}
func (noJournal) sync() error                 { return nil }
func (noJournal) close() error                { return nil }

// Arrival is a document on its way into a [Store].
type Arrival struct {
	Document []byte
	Source   string    // udp, api, otlp, platform or file
	Time     time.Time // zero: now
	Strict   bool      // a document that PutTraceSegments refuses is not kept
}

// Put takes one document from a file; see [Store.Add].
func (s *Store) Put(doc []byte) error {
	_, err := s.Add(Arrival{Document: doc, Source: "file"})
	return err
}

// Add takes one document, and returns the rules of X-Ray that it breaks. A complete
// part replaces an in-progress one with its id, whichever came first; of two
// complete ones the later counts. A document that breaks rules is kept without the
// parts that X-Ray drops. The error says why a document cannot be kept at all; that
// is remembered as well, see [PageHealth].
func (s *Store) Add(a Arrival) ([]*segment.Violation, error) {
	if a.Time.IsZero() {
		a.Time = time.Now()
	}
	violations := segment.Check(a.Document)
	d, err := readDocument(a.Document)
	for _, v := range violations {
		if a.Strict && err == nil && v.ErrorCode != "" {
			err = v
		}
	}
	if err != nil {
		s.Reject(a, err)
		return violations, fmt.Errorf("store: %w", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.arrival++
	s.health.take(d, violations)
	s.put(a, d, s.arrival, len(violations))
	s.change()
	return violations, nil
}

// Reject remembers what came in and cannot be kept.
func (s *Store) Reject(a Arrival, reason error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.health.reject(a, reason)
	s.change()
}

// put keeps a document that has been read.
func (s *Store) put(a Arrival, d *segment.Document, arrival uint64, violations int) {
	t := s.traces[d.TraceID]
	if t == nil {
		if s.evicted.has(d.TraceID) {
			s.health.late++
			return
		}
		t = &trace{id: d.TraceID}
		s.traces[t.id] = t
	}
	s.arrivals.touch(t)
	s.open(t)
	freed, taken := t.take(entriesOf(d, arrival), arrival, len(a.Document), s.maxTraceBytes)
	if freed > 0 {
		s.bytes -= freed
		for _, dead := range t.dropDead() {
			s.journal.remove(dead.arrival)
		}
	}
	if taken {
		t.documents = append(t.documents, document{
			rawRef: s.raw.add(a.Document), arrival: arrival, time: a.Time.UnixNano(), source: sourceOf(a.Source), violations: uint8(min(violations, 255)),
		})
		t.bytes += len(a.Document)
		s.bytes += len(a.Document)
		s.journal.append(arrival, a, violations)
	}
	s.markDirty(t)
	for (s.bytes > s.maxBytes || len(s.traces) > s.maxTraces) && s.arrivals.oldest != t {
		s.evict(s.arrivals.oldest)
	}
}

func (s *Store) evict(t *trace) {
	s.takeOut(t)
	s.arrivals.remove(t)
	delete(s.traces, t.id)
	s.bytes -= t.bytes
	for _, d := range t.documents {
		s.journal.remove(d.arrival)
	}
	t.documents, t.entries, t.compiled, t.dirty = nil, nil, nil, false
	s.evicted.add(t.id)
	s.health.evicted++
}

// TraceIDs returns the ids of the traces in the store, the one with the oldest last
// document first.
func (s *Store) TraceIDs() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	ids := make([]string, 0, len(s.traces))
	for t := s.arrivals.oldest; t != nil; t = t.newer {
		ids = append(ids, t.id)
	}
	return ids
}

// Reset forgets everything.
func (s *Store) Reset() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for t := s.arrivals.oldest; t != nil; t = t.newer {
		for _, d := range t.documents {
			s.journal.remove(d.arrival)
		}
	}
	s.clear()
}
