package otlpproto

import (
	"fmt"

	"github.com/VictoriaMetrics/easyproto"

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
	var f easyproto.FieldContext
	first, more := len(d.batch.Attributes), false
	for rest := message; len(rest) > 0; {
		err := next(&f, &rest)
		if err != nil {
			return err
		}
		switch f.FieldNum {
		case spanAttributes:
			err = d.attribute(&f)
		case spanEvents, spanLinks:
			more = true
		default:
			err = spanField(s, &f)
		}
		if err != nil {
			return fmt.Errorf("field %d: %w", f.FieldNum, err)
		}
	}
	s.Attributes = batch.Since(d.batch.Attributes, first)
	if !more {
		return nil
	}
	firstEvent, firstLink := len(d.batch.Events), len(d.batch.Links)
	for rest := message; len(rest) > 0; {
		err := next(&f, &rest)
		if err != nil {
			return err
		}
		switch f.FieldNum {
		case spanEvents:
			err = d.event(&f)
		case spanLinks:
			err = d.link(&f)
		}
		if err != nil {
			return fmt.Errorf("field %d: %w", f.FieldNum, err)
		}
	}
	s.Events = batch.Since(d.batch.Events, firstEvent)
	s.Links = batch.Since(d.batch.Links, firstLink)
	return nil
}

// spanField reads a field that stands alone.
func spanField(s *mapping.Span, f *easyproto.FieldContext) (err error) {
	var n32 uint32
	var n64 uint64
	switch f.FieldNum {
	case 1:
		err = id(s.TraceID[:], f)
	case 2:
		err = id(s.SpanID[:], f)
	case 3:
		s.TraceState, err = value(f.String())
	case 4:
		err = id(s.ParentSpanID[:], f)
	case 5:
		s.Name, err = value(f.String())
	case 6:
		var kind int32
		kind, err = value(f.Int32())
		s.Kind = batch.Kind(kind)
	case 7:
		n64, err = value(f.Fixed64())
		s.StartTime = batch.Nanoseconds(n64)
	case 8:
		n64, err = value(f.Fixed64())
		s.EndTime = batch.Nanoseconds(n64)
	case 10:
		n32, err = value(f.Uint32())
		s.DroppedAttributes = int(n32)
	case 12:
		n32, err = value(f.Uint32())
		s.DroppedEvents = int(n32)
	case 14:
		n32, err = value(f.Uint32())
		s.DroppedLinks = int(n32)
	case 15: // status
		var m []byte
		if m, err = value(f.MessageData()); err == nil {
			err = status(s, m)
		}
	case 16:
		n32, err = value(f.Fixed32())
		s.Parent = batch.ParentOrigin(n32)
	}
	return err
}

func status(s *mapping.Span, message []byte) error {
	var f easyproto.FieldContext
	for len(message) > 0 {
		err := next(&f, &message)
		if err != nil {
			return err
		}
		switch f.FieldNum {
		case 2:
			s.StatusMessage, err = value(f.String())
		case 3:
			var code int32
			code, err = value(f.Int32())
			s.Status = batch.Status(code)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (d *decoder) event(field *easyproto.FieldContext) error {
	message, err := value(field.MessageData())
	if err != nil {
		return err
	}
	d.batch.Events = append(d.batch.Events, mapping.Event{})
	e := &d.batch.Events[len(d.batch.Events)-1]
	first := len(d.batch.Attributes)
	var f easyproto.FieldContext
	for len(message) > 0 {
		err := next(&f, &message)
		if err != nil {
			return err
		}
		switch f.FieldNum {
		case 1:
			var t uint64
			t, err = value(f.Fixed64())
			e.Time = batch.Nanoseconds(t)
		case 2:
			e.Name, err = value(f.String())
		case 3:
			err = d.attribute(&f)
		case 4:
			var n uint32
			n, err = value(f.Uint32())
			e.Dropped = int(n)
		}
		if err != nil {
			return err
		}
	}
	e.Attributes = batch.Since(d.batch.Attributes, first)
	return nil
}

func (d *decoder) link(field *easyproto.FieldContext) error {
	message, err := value(field.MessageData())
	if err != nil {
		return err
	}
	d.batch.Links = append(d.batch.Links, mapping.Link{})
	l := &d.batch.Links[len(d.batch.Links)-1]
	first := len(d.batch.Attributes)
	var f easyproto.FieldContext
	for len(message) > 0 {
		err := next(&f, &message)
		if err != nil {
			return err
		}
		switch f.FieldNum {
		case 1:
			err = id(l.TraceID[:], &f)
		case 2:
			err = id(l.SpanID[:], &f)
		case 3:
			l.TraceState, err = value(f.String())
		case 4:
			err = d.attribute(&f)
		case 5:
			var n uint32
			n, err = value(f.Uint32())
			l.Dropped = int(n)
		}
		if err != nil {
			return err
		}
	}
	l.Attributes = batch.Since(d.batch.Attributes, first)
	return nil
}

// id reads an id. One without bytes is none, for the mapper to judge.
func id(dst []byte, f *easyproto.FieldContext) error {
	b, err := value(f.Bytes())
	if err != nil {
		return err
	}
	if len(b) != len(dst) && len(b) != 0 {
		return fmt.Errorf("an id of %d bytes, want %d", len(b), len(dst))
	}
	clear(dst)
	copy(dst, b)
	return nil
}
