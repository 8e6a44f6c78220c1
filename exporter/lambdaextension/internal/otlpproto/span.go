package otlpproto

import (
	"fmt"

	"github.com/lambdaxray/lambdaxray/mapping"
	"github.com/lambdaxray/lambdaxray/mapping/batch"
)

// Fields of a Span that come many times.
const (
	spanAttributes = 9
	spanEvents     = 11
	spanLinks      = 13
)

// span appends a span, without its resource and scope. Its own attributes come in a
// first pass: those of its events may stand between them.
func (d *decoder) span(message []byte) error {
	d.batch.Spans = append(d.batch.Spans, mapping.Span{})
	s := &d.batch.Spans[len(d.batch.Spans)-1]
	first, more := len(d.batch.Attributes), false
	m := fields{rest: message}
	for m.next() {
		switch m.FieldNum {
		case spanAttributes:
			m.note(d.attribute(m.message()))
		case spanEvents, spanLinks:
			more = true
		default:
			m.span(s)
		}
	}
	s.Attributes = batch.Since(d.batch.Attributes, first)
	if more && m.err == nil {
		firstEvent, firstLink := len(d.batch.Events), len(d.batch.Links)
		m.rest = message
		for m.next() {
			switch m.FieldNum {
			case spanEvents:
				m.note(d.event(m.message()))
			case spanLinks:
				m.note(d.link(m.message()))
			}
		}
		s.Events = batch.Since(d.batch.Events, firstEvent)
		s.Links = batch.Since(d.batch.Links, firstLink)
	}
	if m.err != nil {
		return fmt.Errorf("field %d: %w", m.FieldNum, m.err)
	}
	return nil
}

// span reads a field that stands alone.
func (m *fields) span(s *mapping.Span) {
	switch m.FieldNum {
	case 1:
		m.id(s.TraceID[:])
	case 2:
		m.id(s.SpanID[:])
	case 3:
		s.TraceState = m.text()
	case 4:
		m.id(s.ParentSpanID[:])
	case 5:
		s.Name = m.text()
	case 6:
		s.Kind = batch.Kind(m.int32())
	case 7:
		s.StartTime = batch.Nanoseconds(m.fixed64())
	case 8:
		s.EndTime = batch.Nanoseconds(m.fixed64())
	case 10:
		s.DroppedAttributes = m.count()
	case 12:
		s.DroppedEvents = m.count()
	case 14:
		s.DroppedLinks = m.count()
	case 15:
		m.note(status(s, m.message()))
	case 16:
		s.Parent = batch.ParentOrigin(m.fixed32())
	}
}

func status(s *mapping.Span, message []byte) error {
	m := fields{rest: message}
	for m.next() {
		switch m.FieldNum {
		case 2:
			s.StatusMessage = m.text()
		case 3:
			s.Status = batch.Status(m.int32())
		}
	}
	return m.err
}

func (d *decoder) event(message []byte) error {
	d.batch.Events = append(d.batch.Events, mapping.Event{})
	e := &d.batch.Events[len(d.batch.Events)-1]
	first := len(d.batch.Attributes)
	m := fields{rest: message}
	for m.next() {
		switch m.FieldNum {
		case 1:
			e.Time = batch.Nanoseconds(m.fixed64())
		case 2:
			e.Name = m.text()
		case 3:
			m.note(d.attribute(m.message()))
		case 4:
			e.Dropped = m.count()
		}
	}
	e.Attributes = batch.Since(d.batch.Attributes, first)
	return m.err
}

func (d *decoder) link(message []byte) error {
	d.batch.Links = append(d.batch.Links, mapping.Link{})
	l := &d.batch.Links[len(d.batch.Links)-1]
	first := len(d.batch.Attributes)
	m := fields{rest: message}
	for m.next() {
		switch m.FieldNum {
		case 1:
			m.id(l.TraceID[:])
		case 2:
			m.id(l.SpanID[:])
		case 3:
			l.TraceState = m.text()
		case 4:
			m.note(d.attribute(m.message()))
		case 5:
			l.Dropped = m.count()
		}
	}
	l.Attributes = batch.Since(d.batch.Attributes, first)
	return m.err
}

// id reads an id. One without bytes is none, for the mapper to judge.
func (m *fields) id(dst []byte) {
	b := m.bytes()
	if len(b) != len(dst) && len(b) != 0 {
		m.note(fmt.Errorf("an id of %d bytes, want %d", len(b), len(dst)))
		return
	}
	clear(dst)
	copy(dst, b)
}
