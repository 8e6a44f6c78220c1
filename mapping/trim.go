package mapping

import (
	"cmp"
	"slices"
	"strconv"
	"unicode/utf8"

	"go.opentelemetry.io/otel/attribute"
)

// trimStep is one way of writing a span that is over budget by itself.
type trimStep struct {
	frames  int  // stack frames an exception keeps
	text    int  // characters a free text keeps; 0: all
	members bool // without as many of the largest metadata members as have to go
	bare    bool // without annotations and metadata
}

// trimSteps are tried in turn until the span fits.
var trimSteps = [...]trimStep{
	{frames: 10},
	{},
	{members: true},
	{text: maxString},
	{text: maxString, members: true},
	{text: maxString, bare: true},
}

// trim is a step at work: what is left out of the span, and how much that is. A
// nil trim leaves out nothing.
type trim struct {
	trimStep
	room  map[member]int // bytes that a member may have, where it may not have all; 0: nothing
	sizes []memberSize   // every member written

	cutFrames, cutTexts, cutMembers, cutItems, cutEvents, cutLinks, cutBytes int
}

// member is a part of the metadata that can be left out.
type member struct {
	kind  memberKind
	index int // of the attribute, event, link or exception
}

type memberKind uint8

const (
	memberAttribute memberKind = iota
	memberEvent
	memberLink
	memberStack // a stack trace that could not be parsed
	memberResource
)

type memberSize struct {
	member
	bytes int
}

// appendTrimmed writes the span in at most room bytes. A span that is too large
// after all steps keeps its name, ids, times and flags. The document counts what
// went. size is that of the whole span.
func (e *encoder) appendTrimmed(dst []byte, size, room int) []byte {
	const counts = 128 // bytes that the counts themselves may grow by
	mark := len(dst)
	annotated := e.annotated
	defer func() { e.trim = nil }()
	for _, step := range trimSteps {
		t := &trim{trimStep: step}
		if step.members {
			over := len(dst) - mark - room
			if step.text == 0 && e.trim.written() < over {
				continue // metadata is not what is large
			}
			t.room = largest(e.trim.sizes, over+counts)
			t.countResource(e.trim.sizes)
		}
		e.trim, e.annotated = t, annotated
		if dst = e.appendSpan(dst[:mark]); len(dst)-mark <= room {
			return dst
		}
	}
	dst = e.appendFlags(e.appendIdentity(dst[:mark]))
	return append(dst, `,"metadata":{"default":{"lambdaxray.trimmed":{"bytes":`+strconv.Itoa(size)+`}}}`...)
}

// largest takes room from the largest members until that saves the bytes; of equal
// ones from the last.
func largest(sizes []memberSize, save int) map[member]int {
	order := make([]int32, len(sizes)) // indexes, as what else is sorted here: a generic sort is 5 KB a type
	for i := range order {
		order[i] = int32(i)
	}
	slices.SortFunc(order, func(x, y int32) int {
		return cmp.Or(cmp.Compare(sizes[y].bytes, sizes[x].bytes), cmp.Compare(y, x))
	})
	room := map[member]int{}
	for _, i := range order {
		if save <= 0 {
			break
		}
		room[sizes[i].member] = max(0, sizes[i].bytes-save)
		save -= sizes[i].bytes
	}
	return room
}

// countResource counts the resource if it has to go: it is written behind the counts.
func (t *trim) countResource(sizes []memberSize) {
	for _, m := range sizes {
		if _, limited := t.room[m.member]; limited && m.kind == memberResource {
			t.cutMembers++
			t.cutBytes += m.bytes
		}
	}
}

// written returns the bytes of all metadata members.
func (t *trim) written() (n int) {
	for _, m := range t.sizes {
		n += m.bytes
	}
	return n
}

// keep decides about the member that was just written from mark on: it stays if it
// has room.
func (t *trim) keep(dst []byte, mark int, m member) []byte {
	if t == nil {
		return dst
	}
	size := len(dst) - mark
	if room, limited := t.room[m]; limited && size > room {
		switch m.kind {
		case memberResource: // counted before
			return dst[:mark]
		case memberEvent:
			t.cutEvents++
		case memberLink:
			t.cutLinks++
		default:
			t.cutMembers++
		}
		t.cutBytes += size
		return dst[:mark]
	}
	t.sizes = append(t.sizes, memberSize{m, size})
	return dst
}

// keepAttribute is keep for the attribute that was just written from mark on. Of a
// list as many items stay as have room.
func (t *trim) keepAttribute(dst []byte, mark, i int, kv *attribute.KeyValue) []byte {
	m := member{memberAttribute, i}
	room, limited := t.room[m]
	if size := len(dst) - mark; limited && size > room && isList(kv.Value.Type()) {
		short, left := appendMemberUpTo(dst[:mark], kv, room)
		if left > 0 && len(short) > mark {
			t.cutItems += left
			t.cutBytes += size - (len(short) - mark)
			t.sizes = append(t.sizes, memberSize{m, len(short) - mark})
			return short
		}
		dst = appendMember(dst[:mark], kv)
	}
	return t.keep(dst, mark, m)
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
		for _, spent := range e.fields.spent {
			if !spent {
				t.cutMembers++
			}
		}
	}
	dst = append(e.appendFactKey(dst, "lambdaxray.trimmed"), '{')
	dst = appendCount(dst, "stack_frames", t.cutFrames)
	dst = appendCount(dst, "metadata_members", t.cutMembers)
	dst = appendCount(dst, "list_items", t.cutItems)
	dst = appendCount(dst, "events", t.cutEvents)
	dst = appendCount(dst, "links", t.cutLinks)
	dst = appendCount(dst, "texts", t.cutTexts)
	dst = appendCount(dst, "bytes", t.cutBytes)
	return append(dst, '}')
}
