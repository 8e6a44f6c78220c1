package xray

import (
	"errors"
	"fmt"
	"slices"
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

// StoreOption configures a [Store].
type StoreOption interface{ applyStore(*Store) }

type storeOption func(*Store)

func (o storeOption) applyStore(s *Store) { o(s) }

// WithMaxBytes limits the documents of all traces; the trace whose last document
// came first goes first. Default 256 MB. In memory a document takes about a third
// of its size, and a trace 1.5 kB besides.
func WithMaxBytes(n int) StoreOption { return storeOption(func(s *Store) { s.maxBytes = n }) }

// WithMaxTraces limits the number of traces. Default 250,000, at least 1.
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

// readDocument reads as much of a document as can be kept.
func readDocument(doc []byte) (*segment.Document, error) {
	d, err := segment.Parse(doc)
	switch {
	case d == nil:
		return nil, err
	case d.TraceID == "":
		return nil, errors.New("segment document: trace_id is missing")
	case d.ID == "":
		return nil, errors.New("segment document: id is missing")
	case d.Type == "subsegment" && d.ParentID == "":
		return nil, errors.New("segment document: parent_id is missing on a subsegment")
	}
	return d, nil
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

// markDirty has a trace compiled before anybody sees it.
func (s *Store) markDirty(t *trace) {
	t.compiled = nil
	if t.dirty {
		return
	}
	t.dirty = true
	s.dirty = append(s.dirty, t)
	if len(s.dirty) > maxDirty {
		oldest := s.dirty[0]
		s.dirty[0] = nil
		s.dirty = s.dirty[1:]
		s.settle(oldest)
	}
}

// settleAll compiles all that has changed.
func (s *Store) settleAll() {
	for len(s.dirty) > 0 { // settling a trace may change another that links to it
		batch := s.dirty
		s.dirty = nil
		for _, t := range batch {
			s.settle(t)
		}
	}
}

// settle puts the trace's new summary in the place of its old one.
func (s *Store) settle(t *trace) {
	if !t.dirty {
		return // evicted, or settled while it waited
	}
	t.dirty = false
	s.takeOut(t)
	c := s.compile(t)
	if c == nil {
		return
	}
	f := c.flatten()
	f.exceeded, f.documents, f.bytes = t.exceeded, len(t.documents), t.bytes
	for _, d := range t.documents {
		f.violations += int(d.violations)
	}
	s.resolve(f)
	for _, l := range f.links {
		s.linkers[l.trace] = append(s.linkers[l.trace], t.id)
	}
	t.flat = f
	m := s.minutes[f.minute()]
	if m == nil {
		m = &minute{sum: newAggregate()}
		s.minutes[f.minute()] = m
	}
	m.sum.add(f, 1)
	t.slot = len(m.traces)
	m.traces = append(m.traces, t)
	s.longest = max(s.longest, f.end-f.start)
	for _, id := range s.waiting[t.id] { // those that link to this one know it now
		if other := s.traces[id]; other != nil && !other.dirty && other != t {
			other.dirty = true
			s.dirty = append(s.dirty, other)
		}
	}
	delete(s.waiting, t.id)
}

// takeOut takes the trace's old summary out of its minute.
func (s *Store) takeOut(t *trace) {
	if t.flat == nil {
		return
	}
	key := t.flat.minute()
	m := s.minutes[key]
	m.sum.add(t.flat, -1)
	last := m.traces[len(m.traces)-1]
	m.traces[t.slot], last.slot = last, t.slot
	m.traces[len(m.traces)-1] = nil
	m.traces = m.traces[:len(m.traces)-1]
	if len(m.traces) == 0 {
		delete(s.minutes, key)
	}
	for _, l := range t.flat.links {
		ids := slices.DeleteFunc(s.linkers[l.trace], func(id string) bool { return id == t.id })
		if s.linkers[l.trace] = ids; len(ids) == 0 {
			delete(s.linkers, l.trace)
		}
	}
	t.flat = nil
}

// maxWaiting is how many traces may link to one that is not there.
const maxWaiting = 1000

// resolve finds the other side of a trace's links. One that is not known yet is
// looked for again when it comes.
func (s *Store) resolve(f *flat) {
	for i := range f.links {
		l := &f.links[i]
		other := s.traces[l.trace]
		if l.trace == f.id || other == nil || other.flat == nil {
			if ids := s.waiting[l.trace]; l.trace != f.id && len(ids) < maxWaiting && len(s.waiting) < s.maxTraces {
				s.waiting[l.trace] = append(ids, f.id)
			}
			continue
		}
		n, sent, found := other.flat.find(l.segment)
		if !found {
			if c := s.compile(other); c != nil && c.parts[l.segment] != nil {
				p := c.parts[l.segment]
				n, sent, found = p.top.node, p.end, p.top.segment
			}
		}
		if !found { // another segment of that trace
			root := other.flat.rootSegment()
			n, sent = root.node, root.start
		}
		l.from, l.age = n, max(micros(sent, f.segments[l.own].start), 0)
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

// compiled returns the compiled traces with the ids, and the ids that are not in
// the store.
func (s *Store) compiledOf(ids []string) (traces []*compiledTrace, missing []string) {
	for _, id := range ids {
		s.mu.Lock()
		t := s.traces[id]
		var c *compiledTrace
		if t != nil {
			c = s.compile(t)
		}
		s.mu.Unlock()
		if c == nil {
			missing = append(missing, id)
		} else {
			traces = append(traces, c)
		}
	}
	return traces, missing
}

// compile returns the compiled trace; nil if nothing of it is kept.
func (s *Store) compile(t *trace) *compiledTrace {
	if t.compiled == nil {
		s.open(t)
		if len(t.entries) == 0 {
			return nil
		}
		t.compiled = compileTrace(t.id, t.entries)
	}
	return t.compiled
}

// open has a trace's documents parsed.
func (s *Store) open(t *trace) {
	if t.entries != nil {
		return
	}
	t.entries = make(map[string]*entry)
	for i := range t.documents {
		doc := &t.documents[i]
		if d, err := readDocument(s.reader.read(doc.rawRef)); err == nil { // it was read before
			t.apply(entriesOf(d, doc.arrival))
		}
	}
	s.opened = append(s.opened, t)
	if len(s.opened) > maxOpened {
		first := s.opened[0]
		s.opened[0] = nil
		s.opened = s.opened[1:]
		if first == t || first.entries == nil {
			return
		}
		if first.dirty {
			s.settle(first)
		}
		first.entries, first.compiled = nil, nil
	}
}

// snapshot returns the summaries of the traces that began in the time, or, if
// overlap is set, that were under way in it, minute by minute in no order within.
// Zero is no bound.
func (s *Store) snapshot(from, to float64, overlap bool) []*flat {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.settleAll()
	var out []*flat
	for _, key := range s.minutesIn(from, to, overlap) {
		for _, t := range s.minutes[key].traces {
			f := t.flat
			if (to == 0 || f.start <= to) && (f.start >= from || overlap && f.end >= from) {
				out = append(out, f)
			}
		}
	}
	return out
}

// minutesIn returns the minutes of a time that are not empty, in order.
func (s *Store) minutesIn(from, to float64, overlap bool) []int64 {
	if overlap && from > 0 {
		from = max(from-s.longest, 0)
	}
	var keys []int64
	for key := range s.minutes {
		if float64(key+1)*60 > from && (to == 0 || float64(key)*60 <= to) {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	return keys
}

// sum adds up the minutes of a time.
func (s *Store) sum(from, to float64) *aggregate {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.settleAll()
	out := newAggregate()
	for _, key := range s.minutesIn(from, to, false) {
		out.merge(s.minutes[key].sum)
	}
	return out
}
