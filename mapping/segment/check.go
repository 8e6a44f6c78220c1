package segment

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"unicode"
	"unicode/utf8"
)

// maxViolations ends the list for a document that is all wrong.
const maxViolations = 100

// A Violation is one rule that a segment document breaks.
type Violation struct {
	// Path names the JSON value, as in subsegments[0].http.request.url. It is
	// empty for the whole document, and the middle of a very long one is left out.
	Path string

	Rule string // what must be, and what is

	// ErrorCode is the code with which PutTraceSegments refuses the document.
	// Empty if X-Ray takes it and drops the part without a word.
	ErrorCode string
}

// Error returns the path and the rule.
func (v *Violation) Error() string {
	if v.Path == "" {
		return v.Rule
	}
	return v.Path + ": " + v.Rule
}

// Check returns every rule of X-Ray that the segment document breaks, 100 of them
// at most, in the order of the document. The rules are those of the developer
// guide that one document can show, and three of the transport: at most 64 KiB,
// compact JSON, and no field that X-Ray does not know. Its time grows with the
// document's size, however deep it nests.
//
// AWS's JSON schema is stricter than X-Ray in one thing: it has no dots in the
// keys of annotations.
func Check(doc []byte) []*Violation {
	c := &checker{ids: make(map[string]*path), exceptionIDs: make(map[string]*path)}
	if len(doc) > MaxDocument {
		c.reject(nil, "DocumentTooLarge", "must be at most %d bytes, is %d", MaxDocument, len(doc))
	}
	if !utf8.Valid(doc) {
		c.reject(nil, "ParseError", "must be valid UTF-8")
	}
	root, err := parseTree(doc)
	if err != nil {
		c.reject(nil, "ParseError", "must be JSON: %v", err)
		return c.found
	}
	if root.kind != kindObject {
		c.reject(nil, "ParseError", "must be an object, is %s", root.kind)
		return c.found
	}
	var compact bytes.Buffer
	if json.Compact(&compact, doc) == nil && compact.Len() != len(doc) {
		c.fail(nil, `must be compact JSON: the daemon finds the id by "id":"`)
	}
	c.duplicates(nil, root)
	c.root(root)
	if c.annotated > MaxAnnotations {
		c.fail(at("annotations"), "at most %d are indexed, the document has %d", MaxAnnotations, c.annotated)
	}
	return c.found
}

// checker collects violations and what concerns the document as a whole.
type checker struct {
	found        []*Violation
	traceID      string
	ids          map[string]*path // of segment and subsegments
	exceptionIDs map[string]*path
	annotated    int  // annotations so far
	subsegment   bool // that is looked at, not a segment
}

// fail records a part that X-Ray would drop.
func (c *checker) fail(p *path, format string, args ...any) { c.reject(p, "", format, args...) }

// reject records what makes PutTraceSegments refuse the document.
func (c *checker) reject(p *path, code, format string, args ...any) {
	if len(c.found) == maxViolations {
		return
	}
	c.found = append(c.found, &Violation{Path: p.String(), Rule: fmt.Sprintf(format, args...), ErrorCode: code})
}

// duplicates walks all values, metadata too: parsers differ in which of two
// equal keys they take.
func (c *checker) duplicates(p *path, n *node) {
	seen := make(map[string]bool, len(n.members))
	for _, m := range n.members {
		if seen[m.key] {
			c.fail(p.at(m.key), "key appears twice in its object")
		}
		seen[m.key] = true
		c.duplicates(p.at(m.key), m.value)
	}
	for i, item := range n.items {
		c.duplicates(p.item(i), item)
	}
}

// root checks what only the outermost object has. A code goes with the rules
// that X-Ray needs to store the document at all.
func (c *checker) root(n *node) {
	kind := n.field("type")
	alone := kind.kindOf() == kindString && kind.text == "subsegment"
	if kind != nil && !alone {
		c.fail(at("type"), `must be "subsegment" or absent, is %s`, describe(kind))
	}
	before := len(c.found)
	c.traceID = c.traceIDAt(at("trace_id"), n.field("trace_id"))
	switch parent := n.field("parent_id"); {
	case parent != nil:
		c.id(at("parent_id"), parent)
		if id := n.field("id"); id != nil && id.text == parent.text {
			c.fail(at("parent_id"), "must not be the document's own id")
		}
	case alone:
		c.fail(at("parent_id"), "is needed on a subsegment that is sent alone")
	}
	c.document(nil, n, alone, "")
	for _, v := range c.found[before:] {
		v.ErrorCode = errorCode(v.Path, n)
	}
}

// errorCode names the refusal after the field, as in MissingParentId. Only
// ParseError, InvalidName, MissingId and MissingParentId are known from X-Ray;
// the others are formed alike.
func errorCode(path string, root *node) string {
	var name string
	switch path {
	case "name":
		name = "Name"
	case "id":
		name = "Id"
	case "trace_id":
		name = "TraceId"
	case "parent_id":
		name = "ParentId"
	case "start_time":
		name = "StartTime"
	case "end_time":
		name = "EndTime"
	default:
		return ""
	}
	if root.field(path) == nil {
		return "Missing" + name
	}
	return "Invalid" + name
}

// document checks a segment or subsegment and, below it, its subsegments. parent
// is the id of the enclosing one.
func (c *checker) document(p *path, n *node, subsegment bool, parent string) {
	if n.kind != kindObject {
		c.fail(p, "must be an object, is %s", n.kind)
		return
	}
	id := c.id(p.at("id"), n.field("id"))
	c.unique(p.at("id"), c.ids, id, p)
	c.name(p.at("name"), n.field("name"))
	c.times(p, n)
	if p != nil {
		c.nested(p, n, parent)
	}
	c.subsegment = subsegment
	c.members(p, n, documentFields)
	if n.field("throttle").isTrue() && !n.field("error").isTrue() {
		c.fail(p.at("throttle"), "must come with error:true, a throttled call is a client error")
	}
	subsegments := n.field("subsegments")
	if subsegments == nil {
		return
	}
	for i, s := range c.array(p.at("subsegments"), subsegments) {
		c.document(p.at("subsegments").item(i), s, true, id)
	}
}

// nested checks the fields that a subsegment within its parent may repeat.
func (c *checker) nested(p *path, n *node, parent string) {
	if v := n.field("parent_id"); v != nil && parent != "" && v.text != parent {
		c.fail(p.at("parent_id"), "must be the id of the enclosing document, %s, is %s", parent, describe(v))
	}
	if v := n.field("trace_id"); v != nil && v.text != c.traceID {
		c.fail(p.at("trace_id"), "must be the trace id of the document, %s, is %s", c.traceID, describe(v))
	}
	if v := n.field("type"); v != nil && v.text != "subsegment" {
		c.fail(p.at("type"), `must be "subsegment" or absent, is %s`, describe(v))
	}
}

func (c *checker) name(p *path, n *node) {
	if n.kindOf() != kindString {
		c.fail(p, "a string is needed, is %s", describe(n))
		return
	}
	if count := utf8.RuneCountInString(n.text); count < 1 || count > MaxName {
		c.fail(p, "must have 1 to %d characters, has %d", MaxName, count)
	}
	for _, r := range n.text {
		if !legalInName(r) {
			c.fail(p, "must not contain %q: letters, digits, space and _.:/%%&#=+-@ are allowed", r)
			return
		}
	}
}

// legalInName follows the schema's java_pattern, which has no backslash.
func legalInName(r rune) bool {
	const signs = `_.:/%&#=+-@`
	for _, s := range signs {
		if r == s {
			return true
		}
	}
	return unicode.In(r, unicode.L, unicode.N, unicode.Z)
}

func (c *checker) times(p *path, n *node) {
	start := c.seconds(p.at("start_time"), n.field("start_time"))
	open := n.field("in_progress").isTrue()
	end := n.field("end_time")
	switch {
	case open && end != nil:
		c.fail(p.at("in_progress"), "must not be true beside an end_time")
	case open:
	case end == nil:
		c.fail(p.at("end_time"), "is needed, or in_progress:true")
	default:
		if end := c.seconds(p.at("end_time"), end); end < start {
			c.fail(p.at("end_time"), "must not be before start_time")
		}
	}
}

// seconds returns a time in seconds.
func (c *checker) seconds(p *path, n *node) float64 {
	if n.kindOf() != kindNumber {
		c.fail(p, "a number of seconds since 1970 is needed, is %s", describe(n))
		return 0
	}
	s, err := strconv.ParseFloat(n.text, 64)
	if err != nil || s < 0 || s > MaxTime {
		c.fail(p, "must be in seconds since 1970, is %s", describe(n))
	}
	return s
}

// id returns a valid 16-digit id, or "".
func (c *checker) id(p *path, n *node) string {
	if n.kindOf() != kindString || len(n.text) != 16 || !isHex(n.text) {
		c.fail(p, "16 hexadecimal digits are needed, is %s", describe(n))
		return ""
	}
	return n.text
}

// unique records that id belongs to owner. Ids that are none are let pass.
func (c *checker) unique(p *path, ids map[string]*path, id string, owner *path) {
	if id == "" {
		return
	}
	first, taken := ids[id]
	switch {
	case !taken:
		ids[id] = owner
	case first == nil:
		c.fail(p, "%s is also the id of the document", id)
	default:
		c.fail(p, "%s is also the id of %s", id, first)
	}
}

// traceIDAt returns a valid trace id, or "".
func (c *checker) traceIDAt(p *path, n *node) string {
	if n.kindOf() != kindString || !isTraceID(n.text) {
		c.fail(p, "1-, 8 hexadecimal digits, - and 24 more are needed, is %s", describe(n))
		return ""
	}
	return n.text
}
