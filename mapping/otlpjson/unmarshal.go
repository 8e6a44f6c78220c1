package otlpjson

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/lambdaxray/lambdaxray/mapping"
)

// Unmarshal reads the spans of data, which holds OTLP JSON documents one after
// the other, with or without line ends between them; no data is no spans. The
// spans of one resourceSpans entry share one [mapping.Resource].
//
// One bad span does not take the others along: the error joins one for
// everything that could not be read, each with the path of the field at fault,
// and the spans that could be read are returned beside it. Text that is not
// JSON ends the reading.
//
// Unmarshal keeps no reference to data. It is safe for concurrent use.
func Unmarshal(data []byte) ([]mapping.Span, error) {
	var r reader
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.UseNumber() // a 64-bit integer does not fit a float64
	for n := 1; ; n++ {
		var root node
		err := dec.Decode(&root.value)
		if err == io.EOF {
			break
		}
		if n > 1 {
			root.key = fmt.Sprintf("document %d", n)
		}
		if err != nil {
			r.errs = append(r.errs, fmt.Errorf("document %d, from byte %d on: no JSON: %w", n, dec.InputOffset(), err))
			break
		}
		r.document(&root)
	}
	if err := errors.Join(r.errs...); err != nil {
		return r.spans, fmt.Errorf("otlpjson: %w", err)
	}
	return r.spans, nil
}

// reader collects spans and errors.
type reader struct {
	spans []mapping.Span
	errs  []error
}

func (r *reader) document(n *node) {
	if n.value == nil {
		r.errs = append(r.errs, n.wrong("an object with resourceSpans"))
		return
	}
	r.each(n, "resourceSpans", func(n *node) error {
		resource := n.field("resource")
		if err := resource.object(); err != nil {
			return err
		}
		attributes := resource.field("attributes")
		attrs, err := attributes.attributes()
		if err != nil {
			return err
		}
		res := mapping.NewResource(attrs)
		r.each(n, "scopeSpans", func(n *node) error {
			scope := n.field("scope")
			if err := scope.object(); err != nil {
				return err
			}
			f := fields{node: &scope}
			name, version := f.text("name"), f.text("version")
			if f.err != nil {
				return f.err
			}
			r.each(n, "spans", func(n *node) error {
				s, err := span(n)
				if err != nil {
					return err
				}
				s.Resource, s.ScopeName, s.ScopeVersion = res, name, version
				r.spans = append(r.spans, s)
				return nil
			})
			return nil
		})
		return nil
	})
}

// each reads every element of the list n.key; one that read cannot read is
// noted and left out.
func (r *reader) each(n *node, key string, read func(*node) error) {
	err := n.object()
	if err == nil {
		list := n.field(key)
		var elements []any
		elements, err = list.list()
		for i := range elements {
			at := list.element(elements, i)
			err := at.object()
			if err == nil {
				err = read(&at)
			}
			if err != nil {
				r.errs = append(r.errs, err)
			}
		}
	}
	if err != nil {
		r.errs = append(r.errs, err)
	}
}
