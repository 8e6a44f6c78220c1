package xray

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net"
	"sync"

	"github.com/lambdaxray/lambdaxray/exporter"
	"github.com/lambdaxray/lambdaxray/xray/internal/logger"
)

// Header comes before a document in a datagram to the daemon.
const Header = `{"format": "json", "version": 1}` + "\n"

// Emitter takes finished segments in place of OpenTelemetry: for tests, and for
// those who look at segments before they send them. With one configured, Emit
// gets each tree when its last part is closed, with the children as JSON in
// Subsegments. Spans that others start beneath such a segment are not in it.
//
// The segment is locked while Emit runs.
type Emitter interface {
	Emit(seg *Segment)
	RefreshEmitterWithAddress(raddr *net.UDPAddr)
}

// DefaultEmitter sends a tree to the daemon as one document, as it is. As the
// Emitter of [Configure] it only says where the daemon is: documents are made of
// spans as they always are.
type DefaultEmitter struct {
	sync.Mutex
	addr *net.UDPAddr
	udp  exporter.Emitter
}

// NewDefaultEmitter returns an Emitter to a daemon. The error is nil.
func NewDefaultEmitter(raddr *net.UDPAddr) (*DefaultEmitter, error) {
	return &DefaultEmitter{addr: raddr}, nil
}

// RefreshEmitterWithAddress changes where the daemon is.
func (de *DefaultEmitter) RefreshEmitterWithAddress(raddr *net.UDPAddr) {
	de.Lock()
	defer de.Unlock()
	if de.udp != nil {
		_ = de.udp.Shutdown(context.Background()) // of a socket that nobody reads
	}
	de.addr, de.udp = raddr, nil
}

func (de *DefaultEmitter) address() *net.UDPAddr {
	de.Lock()
	defer de.Unlock()
	return de.addr
}

// Emit sends a segment that is sampled. Errors are logged.
func (de *DefaultEmitter) Emit(seg *Segment) {
	if seg == nil || seg.ParentSegment != nil && !seg.ParentSegment.Sampled {
		return
	}
	doc, err := json.Marshal(seg)
	if err != nil {
		logger.Errorf("segment %q cannot be sent: %v", seg.Name, err)
		return
	}
	if err := de.send(doc); err != nil {
		logger.Errorf("%v", err)
	}
}

func (de *DefaultEmitter) send(doc []byte) error {
	de.Lock()
	defer de.Unlock()
	if de.addr == nil {
		return errors.New("DefaultEmitter: no address; give NewDefaultEmitter one")
	}
	if de.udp == nil {
		e, err := exporter.NewUDPEmitter(de.addr.String())
		if err != nil {
			return err
		}
		de.udp = e
	}
	return de.udp.Emit(context.Background(), [][]byte{doc})
}

// divert hands a segment of a tree with an Emitter of its own on: to its parent,
// and at the top to the Emitter.
func (seg *Segment) divert() {
	for {
		seg.Lock()
		if seg.InProgress || seg.open > 0 {
			seg.Unlock()
			return
		}
		parent := seg.parent
		if parent != nil && !parent.Facade {
			seg.Unlock()
			doc := seg.json()
			parent.Lock()
			parent.Subsegments = append(parent.Subsegments, doc)
			parent.Unlock()
			if !parent.forget(seg) {
				return
			}
			seg = parent
			continue
		}
		defer seg.Unlock()
		if parent != nil {
			seg.Type = "subsegment"
		}
		seg.Emitted = true
		if seg.Sampled {
			seg.emit()
		}
		return
	}
}

// emit calls the Emitter, which is foreign code.
func (seg *Segment) emit() {
	defer func() {
		if p := recover(); p != nil {
			logger.Errorf("Emitter of segment %q: panic: %v", seg.Name, p)
		}
	}()
	seg.diverted.Emit(seg)
}

// json is the segment as a child of another.
func (seg *Segment) json() json.RawMessage {
	seg.RLock()
	defer seg.RUnlock()
	doc, err := json.Marshal(seg)
	if err != nil {
		logger.Errorf("subsegment %q cannot be written: %v", seg.Name, err)
		doc, _ = json.Marshal(map[string]any{"name": seg.Name, "id": seg.ID, "start_time": seg.StartTime, "end_time": seg.EndTime})
	}
	return doc
}

// emitter returns the Emitter of a root, nil if it goes the ordinary way.
func (seg *Segment) emitter() Emitter {
	c := seg.Configuration
	if c == nil && seg.parent != nil {
		c = seg.parent.Configuration
	}
	if c == nil {
		return nil
	}
	return c.Emitter
}

// output is where documents go: to the daemon that is configured now, but for
// those of traces that the program has given up.
var output = &switchable{dropped: map[string]int{}}

type switchable struct {
	mu      sync.Mutex
	to      exporter.Emitter
	address string
	dropped map[string]int // trace ids whose segment said Sampled = false at its end
}

func (s *switchable) use(address string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.address == address {
		return
	}
	if s.to != nil {
		_ = s.to.Shutdown(context.Background())
	}
	s.to, s.address = nil, address
}

func (s *switchable) drop(traceID string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.dropped[traceID]++
}

func (s *switchable) keep(traceID string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.dropped[traceID]--; s.dropped[traceID] <= 0 {
		delete(s.dropped, traceID)
	}
}

// Emit sends the documents that nobody has given up.
func (s *switchable) Emit(ctx context.Context, docs [][]byte) error {
	to, docs, err := s.choose(docs)
	if err != nil || len(docs) == 0 {
		return err
	}
	return to.Emit(ctx, docs)
}

func (s *switchable) choose(docs [][]byte) (exporter.Emitter, [][]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.to == nil {
		e, err := exporter.NewUDPEmitter(s.address)
		if err != nil {
			return nil, nil, err
		}
		s.to = e
	}
	if len(s.dropped) == 0 {
		return s.to, docs, nil
	}
	var kept [][]byte
	for _, doc := range docs {
		if !s.given(doc) {
			kept = append(kept, doc)
		}
	}
	return s.to, kept, nil
}

func (s *switchable) given(doc []byte) bool {
	for id := range s.dropped {
		if bytes.Contains(doc, []byte(`"trace_id":"`+id+`"`)) {
			return true
		}
	}
	return false
}

// Shutdown closes the way to the daemon; the next document opens it again.
func (s *switchable) Shutdown(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.to == nil {
		return nil
	}
	err := s.to.Shutdown(ctx)
	s.to = nil
	return err
}

// StreamingStrategy decided when the SDK cut a tree. Nothing calls it: documents
// are packed by their size in bytes.
type StreamingStrategy interface {
	RequiresStreaming(seg *Segment) bool
	StreamCompletedSubsegments(seg *Segment) [][]byte
}

// DefaultStreamingStrategy is a number of subsegments; see [StreamingStrategy].
type DefaultStreamingStrategy struct {
	MaxSubsegmentCount uint32
}

// NewDefaultStreamingStrategy returns one with 20. The error is nil.
func NewDefaultStreamingStrategy() (*DefaultStreamingStrategy, error) {
	return &DefaultStreamingStrategy{MaxSubsegmentCount: 20}, nil
}

// NewDefaultStreamingStrategyWithMaxSubsegmentCount returns one with a number
// above zero; of another it returns an error.
func NewDefaultStreamingStrategyWithMaxSubsegmentCount(maxSubsegmentCount int) (*DefaultStreamingStrategy, error) {
	if maxSubsegmentCount <= 0 {
		return nil, errors.New("maxSubsegmentCount must be a positive integer")
	}
	return &DefaultStreamingStrategy{MaxSubsegmentCount: uint32(maxSubsegmentCount)}, nil
}

// RequiresStreaming reports whether seg has more open subsegments than that.
func (s *DefaultStreamingStrategy) RequiresStreaming(seg *Segment) bool {
	seg.RLock()
	defer seg.RUnlock()
	return uint32(len(seg.children)) > s.MaxSubsegmentCount
}

// StreamCompletedSubsegments returns nothing.
func (s *DefaultStreamingStrategy) StreamCompletedSubsegments(*Segment) [][]byte { return nil }
