package mapping

import (
	"cmp"
	"slices"
	"strconv"
	"unicode/utf8"
)

// trim says what to leave out of a span that is over budget by itself, and
// counts what was left out. A nil trim leaves out nothing.
type trim struct {
	frames int          // stack frames an exception keeps
	text   int          // characters a free text keeps; 0: all
	skip   map[int]bool // metadata members to leave out
	bare   bool         // no annotations and no metadata

	sizes []memberSize // every metadata member written

	cutFrames, cutTexts, cutMembers, cutBytes int
}

type memberSize struct{ id, bytes int }

// appendTrimmed writes the span in at most room bytes: without the deeper stack
// frames, then without frames, then without the largest metadata (or, where it
// is not metadata that is large, with short texts), then with both, then without
// annotations and metadata. A span that is too large
// even so keeps its name, ids, times and flags. The document counts what went.
func (e *encoder) appendTrimmed(dst []byte, size, room int) []byte {
	mark := len(dst)
	annotated := e.annotated
	defer func() { e.trim = nil }()
	attempt := func(t trim) ([]byte, bool) {
		e.trim = &t
		e.annotated = annotated
		dst = e.appendSpan(dst[:mark])
		return dst, len(dst)-mark <= room
	}
	if dst, ok := attempt(trim{frames: 10}); ok {
		return dst
	}
	dst, ok := attempt(trim{})
	if ok {
		return dst
	}
	text := 0
	if e.trim.written() < len(dst)-mark-room { // metadata is not what is large
		text = maxString
		if dst, ok = attempt(trim{text: text}); ok {
			return dst
		}
	}
	const counts = 128 // bytes that the counts themselves may grow by
	skip := largest(e.trim.sizes, len(dst)-mark-room+counts)
	if dst, ok := attempt(trim{skip: skip, text: text}); ok {
		return dst
	}
	if dst, ok := attempt(trim{skip: skip, text: maxString}); ok {
		return dst
	}
	if dst, ok := attempt(trim{bare: true, text: maxString}); ok {
		return dst
	}
	dst = e.appendFlags(e.appendIdentity(dst[:mark]))
	return append(dst, `,"metadata":{"default":{"lambdaxray.trimmed":{"bytes":`+strconv.Itoa(size)+`}}}`...)
}

// largest picks the largest members until they make up the bytes to save.
func largest(sizes []memberSize, save int) map[int]bool {
	order := make([]int32, len(sizes)) // indexes, as what else is sorted here: a generic sort is 5 KB a type
	for i := range order {
		order[i] = int32(i)
	}
	slices.SortFunc(order, func(x, y int32) int {
		return cmp.Or(cmp.Compare(sizes[y].bytes, sizes[x].bytes), cmp.Compare(x, y))
	})
	skip := map[int]bool{}
	for _, i := range order {
		if save <= 0 {
			break
		}
		skip[sizes[i].id] = true
		save -= sizes[i].bytes
	}
	return skip
}

// written returns the bytes of all metadata members.
func (t *trim) written() (n int) {
	for _, m := range t.sizes {
		n += m.bytes
	}
	return n
}

// member decides about the metadata member that was just written from mark on.
func (t *trim) member(dst []byte, mark, id int) []byte {
	if t == nil {
		return dst
	}
	size := len(dst) - mark
	if t.skip[id] {
		t.cutMembers++
		t.cutBytes += size
		return dst[:mark]
	}
	t.sizes = append(t.sizes, memberSize{id, size})
	return dst
}

// cut is trimText for a span that is over budget.
func (t *trim) cut(s string) string {
	if t.text == 0 {
		return s
	}
	short := cut(s, t.text)
	if len(short) < len(s) {
		t.cutTexts++
		t.cutBytes += utf8.RuneCountInString(s[len(short):])
	}
	return short
}

// trimText returns as much of a free text as may be written.
func (e *encoder) trimText(s string) string {
	if e.trim == nil {
		return s
	}
	return e.trim.cut(s)
}

// appendTrimCounts writes what was left out.
func (e *encoder) appendTrimCounts(dst []byte) []byte {
	t := e.trim
	if t.bare {
		for _, taken := range e.fields.taken {
			if !taken {
				t.cutMembers++
			}
		}
	}
	dst = append(e.appendFactKey(dst, "lambdaxray.trimmed"), '{')
	dst = appendCount(dst, "stack_frames", t.cutFrames)
	dst = appendCount(dst, "metadata_members", t.cutMembers)
	dst = appendCount(dst, "texts", t.cutTexts)
	dst = appendCount(dst, "bytes", t.cutBytes)
	return append(dst, '}')
}
