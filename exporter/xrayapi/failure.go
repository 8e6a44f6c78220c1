package xrayapi

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// PutError says which documents X-Ray did not take, and why.
type PutError struct {
	Failures []Failure // in order of their first document
}

// Failure is one reason and the documents it holds for: those of a whole call,
// or one that X-Ray left unprocessed.
type Failure struct {
	// Documents are the indexes, in the docs that Emit was given.
	Documents []int
	// Count is how many there are.
	Count int
	// ID is the segment's id where X-Ray left a document unprocessed, as X-Ray
	// names it.
	ID string
	// Code is X-Ray's error code, such as ThrottledException or InvalidName, or
	// one of those of this package, such as [CodeTimeout].
	Code string
	// Temporary says that the same documents may be taken later.
	Temporary bool
	// Err is the error itself.
	Err error
}

// Bounds of an error's text.
const (
	maxListed = 5   // reasons
	maxReason = 500 // bytes of one
)

// Error names how many documents were not taken and why; above five reasons, the
// first five.
func (e *PutError) Error() string {
	var b strings.Builder
	total := 0
	for i := range e.Failures {
		total += e.Failures[i].Count
	}
	fmt.Fprintf(&b, "X-Ray did not take %s: ", documents(total))
	for i := range e.Failures {
		if i == maxListed {
			fmt.Fprintf(&b, "; and %d reasons more", len(e.Failures)-i)
			break
		}
		if i > 0 {
			b.WriteString("; ")
		}
		f := &e.Failures[i]
		if f.ID != "" {
			fmt.Fprintf(&b, "segment %s: %s", cut(f.ID), cut(f.Err.Error()))
		} else {
			fmt.Fprintf(&b, "%s: %s", documents(f.Count), cut(f.Err.Error()))
		}
	}
	return b.String()
}

// Unwrap returns the reasons.
func (e *PutError) Unwrap() []error {
	errs := make([]error, len(e.Failures))
	for i := range e.Failures {
		errs[i] = e.Failures[i].Err
	}
	return errs
}

// Temporary reports whether every document may be taken later.
func (e *PutError) Temporary() bool {
	for i := range e.Failures {
		if !e.Failures[i].Temporary {
			return false
		}
	}
	return true
}

func documents(n int) string {
	if n == 1 {
		return "1 document"
	}
	return fmt.Sprintf("%d documents", n)
}

// cut shortens the text of a foreign answer.
func cut(s string) string {
	if len(s) <= maxReason {
		return s
	}
	end := maxReason
	for end > 0 && !utf8.RuneStart(s[end]) {
		end--
	}
	return fmt.Sprintf("%s… (%d bytes more)", s[:end], len(s)-end)
}
