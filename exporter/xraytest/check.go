package xraytest

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"unicode"
	"unicode/utf8"
)

// Limits of a segment document.
//
// Source: https://docs.aws.amazon.com/xray/latest/devguide/xray-api-segmentdocuments.html
const (
	MaxDocument    = 64 << 10 // bytes of a document
	maxName        = 200      // characters of a name
	maxString      = 250      // characters of most strings
	maxAnnotation  = 1000     // characters of an annotation's value
	maxKey         = 500      // characters of an annotation's key
	maxAnnotations = 50       // annotations that are indexed
	maxLinks       = 20       // links of a segment
)

// maxViolations ends the list for a document that is all wrong: its paths can
// add up to 10,000 times its size.
const maxViolations = 100

// year5000 in seconds since 1970: a time beyond it was not given in seconds.
const year5000 = 95617584000

// A Violation is one rule that a segment document breaks.
type Violation struct {
	Path string // of the JSON value, as in subsegments[0].http.request.url; empty for the whole document
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

// CheckDocument returns every rule of X-Ray that the segment document breaks, as
// an [errors.Join] of at most 100 [*Violation], or nil. The rules are those of
// the developer guide and of AWS's JSON schema that one document can show, and
// three of the transport: at most 64 KiB, compact JSON, and no field that X-Ray
// does not know.
//
// Source: https://docs.aws.amazon.com/xray/latest/devguide/xray-api-segmentdocuments.html
func CheckDocument(doc []byte) error {
	violations := checkDocument(doc)
	if len(violations) == 0 {
		return nil
	}
	errs := make([]error, len(violations))
	for i, v := range violations {
		errs[i] = v
	}
	return errors.Join(errs...)
}

func checkDocument(doc []byte) []*Violation {
	c := &checker{ids: make(map[string]string), exceptions: make(map[string]string)}
	if len(doc) > MaxDocument {
		c.reject("", "DocumentTooLarge", "must be at most %d bytes, is %d", MaxDocument, len(doc))
	}
	if !utf8.Valid(doc) {
		c.reject("", "ParseError", "must be valid UTF-8")
	}
	root, err := parseJSON(doc)
	if err != nil {
		c.reject("", "ParseError", "must be JSON: %v", err)
		return c.found
	}
	if root.kind != kindObject {
		c.reject("", "ParseError", "must be an object, is %s", root.kind)
		return c.found
	}
	var compact bytes.Buffer
	if json.Compact(&compact, doc) == nil && compact.Len() != len(doc) {
		c.fail("", `must be compact JSON: the daemon finds the id by "id":"`)
	}
	c.duplicates("", root)
	c.root(root)
	if c.annotations > maxAnnotations {
		c.fail("annotations", "at most %d are indexed, the document has %d", maxAnnotations, c.annotations)
	}
	return c.found
}

// checker collects violations and what concerns the document as a whole.
type checker struct {
	found       []*Violation
	traceID     string
	ids         map[string]string // segment and subsegment id -> path
	exceptions  map[string]string // exception id -> path
	annotations int
}

// fail records a part that X-Ray would drop.
func (c *checker) fail(path, format string, args ...any) { c.reject(path, "", format, args...) }

// reject records what makes PutTraceSegments refuse the document.
func (c *checker) reject(path, code, format string, args ...any) {
	if len(c.found) == maxViolations {
		return
	}
	c.found = append(c.found, &Violation{Path: path, Rule: fmt.Sprintf(format, args...), ErrorCode: code})
}

// duplicates walks all values, metadata too: parsers differ in which of two
// equal keys they take.
func (c *checker) duplicates(path string, n *jsonNode) {
	seen := make(map[string]bool, len(n.members))
	for _, m := range n.members {
		at := join(path, m.key)
		if seen[m.key] {
			c.fail(at, "key appears twice in its object")
		}
		seen[m.key] = true
		c.duplicates(at, m.value)
	}
	for i, item := range n.items {
		c.duplicates(index(path, i), item)
	}
}

// root checks what only the outermost object has. A code goes with the rules
// that X-Ray needs to store the document at all.
func (c *checker) root(n *jsonNode) {
	kind := n.field("type")
	alone := kind.kindOf() == kindString && kind.text == "subsegment"
	if kind != nil && !alone {
		c.fail("type", `must be "subsegment" or absent, is %s`, describe(kind))
	}
	before := len(c.found)
	if id := c.traceIDAt("trace_id", n.field("trace_id")); id != "" {
		c.traceID = id
	}
	switch parent := n.field("parent_id"); {
	case parent != nil:
		c.id("parent_id", parent)
		if id := n.field("id"); id != nil && id.text == parent.text {
			c.fail("parent_id", "must not be the document's own id")
		}
	case alone:
		c.fail("parent_id", "is needed on a subsegment that is sent alone")
	}
	c.node("", n, alone, "")
	for _, v := range c.found[before:] {
		v.ErrorCode = errorCode(v.Path, n)
	}
}

// errorCode names the refusal after the field, as in MissingParentId. Only
// ParseError, InvalidName, MissingId and MissingParentId are known from X-Ray;
// the others are formed alike.
func errorCode(path string, root *jsonNode) string {
	names := map[string]string{
		"name": "Name", "id": "Id", "trace_id": "TraceId", "parent_id": "ParentId",
		"start_time": "StartTime", "end_time": "EndTime",
	}
	name, ok := names[path]
	switch {
	case !ok:
		return ""
	case root.field(path) == nil:
		return "Missing" + name
	}
	return "Invalid" + name
}

// node checks a segment or subsegment and, below it, its subsegments. parent is
// the id of the enclosing one.
func (c *checker) node(path string, n *jsonNode, subsegment bool, parent string) {
	if n.kind != kindObject {
		c.fail(path, "must be an object, is %s", n.kind)
		return
	}
	id := c.id(join(path, "id"), n.field("id"))
	if id != "" {
		if first, ok := c.ids[id]; ok {
			c.fail(join(path, "id"), "%s is also the id of %s", id, first)
		} else {
			c.ids[id] = cmp.Or(path, "the document")
		}
	}
	c.name(join(path, "name"), n.field("name"))
	c.times(path, n)
	if path != "" {
		c.nested(path, n, parent)
	}
	for _, m := range n.members {
		at := join(path, m.key)
		check, known := documentFields[m.key]
		switch {
		case !known:
			c.fail(at, "X-Ray knows no such field")
		case subsegment && slices.Contains(segmentOnly, m.key):
			c.fail(at, "must be on a segment, not on a subsegment")
		case !subsegment && slices.Contains(subsegmentOnly, m.key):
			c.fail(at, "must be on a subsegment, not on a segment")
		case check != nil:
			check(c, at, m.value)
		}
	}
	c.flags(path, n)
	c.aws(join(path, "aws"), n.field("aws"), subsegment)
	c.request(join(path, "http.request"), n.field("http").field("request"), subsegment)
	subsegments := n.field("subsegments")
	if subsegments == nil {
		return
	}
	for i, s := range c.array(join(path, "subsegments"), subsegments) {
		c.node(index(join(path, "subsegments"), i), s, true, id)
	}
}

// nested checks the fields that a subsegment within its parent may repeat.
func (c *checker) nested(path string, n *jsonNode, parent string) {
	if v := n.field("parent_id"); v != nil && parent != "" && v.text != parent {
		c.fail(join(path, "parent_id"), "must be the id of the enclosing document, %s, is %s", parent, describe(v))
	}
	if v := n.field("trace_id"); v != nil && v.text != c.traceID {
		c.fail(join(path, "trace_id"), "must be the trace id of the document, %s, is %s", c.traceID, describe(v))
	}
	if v := n.field("type"); v != nil && v.text != "subsegment" {
		c.fail(join(path, "type"), `must be "subsegment" or absent, is %s`, describe(v))
	}
}

func (c *checker) name(path string, n *jsonNode) {
	if n.kindOf() != kindString {
		c.fail(path, "a string is needed, is %s", describe(n))
		return
	}
	if count := utf8.RuneCountInString(n.text); count < 1 || count > maxName {
		c.fail(path, "must have 1 to %d characters, has %d", maxName, count)
	}
	for _, r := range n.text {
		if !legalInName(r) {
			c.fail(path, "must not contain %q: letters, digits, space and _.:/%%&#=+-@ are allowed", r)
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

func (c *checker) times(path string, n *jsonNode) {
	start := c.seconds(join(path, "start_time"), n.field("start_time"))
	open := n.field("in_progress").kindOf() == kindBool && n.field("in_progress").truth
	end := n.field("end_time")
	switch {
	case open && end != nil:
		c.fail(join(path, "in_progress"), "must not be true beside an end_time")
	case open:
	case end == nil:
		c.fail(join(path, "end_time"), "is needed, or in_progress:true")
	default:
		if end := c.seconds(join(path, "end_time"), end); end < start {
			c.fail(join(path, "end_time"), "must not be before start_time")
		}
	}
}

// seconds returns a time in seconds.
func (c *checker) seconds(path string, n *jsonNode) float64 {
	if n.kindOf() != kindNumber {
		c.fail(path, "a number of seconds since 1970 is needed, is %s", describe(n))
		return 0
	}
	s, err := strconv.ParseFloat(n.text, 64)
	if err != nil || s < 0 || s > year5000 {
		c.fail(path, "must be in seconds since 1970, is %s", n.text)
	}
	return s
}

// id returns a valid 16-digit id, or "".
func (c *checker) id(path string, n *jsonNode) string {
	if n.kindOf() != kindString || len(n.text) != 16 || !isHex(n.text) {
		c.fail(path, "16 hexadecimal digits are needed, is %s", describe(n))
		return ""
	}
	return n.text
}

// traceIDAt returns a valid trace id, or "".
func (c *checker) traceIDAt(path string, n *jsonNode) string {
	if n.kindOf() != kindString || !isTraceID(n.text) {
		c.fail(path, "1-, 8 hexadecimal digits, - and 24 more are needed, is %s", describe(n))
		return ""
	}
	return n.text
}

func isTraceID(s string) bool {
	return len(s) == 35 && s[:2] == "1-" && isHex(s[2:10]) && s[10] == '-' && isHex(s[11:])
}

func isHex(s string) bool {
	for i := range len(s) {
		switch c := s[i]; {
		case '0' <= c && c <= '9', 'a' <= c && c <= 'f', 'A' <= c && c <= 'F':
		default:
			return false
		}
	}
	return true
}

func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}

func index(path string, i int) string { return path + "[" + strconv.Itoa(i) + "]" }
