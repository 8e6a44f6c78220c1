package xray

import "slices"

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

// compiledOf returns the compiled traces with the ids, and the ids that are not in
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
