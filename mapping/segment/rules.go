package segment

import (
	"slices"
	"strconv"
	"unicode/utf8"
)

// field is what X-Ray knows of one field of an object.
type field struct {
	key    string
	is     shape
	max    int     // of text: characters; 0 means no limit
	fields []field // of an object, or of the objects in a list
	only   side
	check  func(c *checker, p *path, n *node) // in place of the shape
}

// shape is what the value of a field must be.
type shape uint8

const (
	elsewhere shape = iota // looked at where the document is looked at as a whole
	text
	boolean
	count // an integer of at least 0
	object
	texts   // a list of text
	objects // a list of objects
)

// side says which of segment and subsegment a field is for.
type side uint8

const (
	both side = iota
	segments
	subsegments
)

// documentFields are the fields of segments and subsegments.
var documentFields = []field{
	{key: "name"},
	{key: "id"},
	{key: "trace_id"},
	{key: "parent_id"},
	{key: "type"},
	{key: "start_time"},
	{key: "end_time"},
	{key: "subsegments"},
	{key: "in_progress", is: boolean},
	{key: "error", is: boolean},
	{key: "throttle", is: boolean},
	{key: "fault", is: boolean},
	{key: "traced", is: boolean, only: subsegments},
	{key: "namespace", check: (*checker).namespace, only: subsegments},
	{key: "origin", is: text, max: MaxString, only: segments},
	{key: "resource_arn", is: text},
	{key: "user", is: text, max: MaxString, only: segments},
	{key: "cause", check: (*checker).cause},
	{key: "http", is: object, fields: httpFields},
	{key: "aws", check: (*checker).aws},
	{key: "sql", is: object, fields: sqlFields, only: subsegments},
	{key: "service", is: object, fields: serviceFields, only: segments},
	{key: "annotations", check: (*checker).annotations},
	{key: "metadata", check: (*checker).metadata},
	{key: "links", check: (*checker).links, only: segments},
	{key: "precursor_ids", check: (*checker).precursors, only: subsegments},
}

var httpFields = []field{
	{key: "request", is: object, fields: []field{
		{key: "method", is: text, max: MaxString},
		{key: "url", is: text, max: MaxString},
		{key: "user_agent", is: text, max: MaxString},
		{key: "client_ip", is: text, max: MaxString},
		{key: "x_forwarded_for", is: boolean, only: segments},
		{key: "traced", is: boolean, only: subsegments},
	}},
	{key: "response", is: object, fields: []field{
		{key: "status", is: count},
		{key: "content_length", is: count},
	}},
}

var sqlFields = []field{
	{key: "connection_string", is: text},
	{key: "url", is: text},
	{key: "sanitized_query", is: text},
	{key: "database_type", is: text},
	{key: "database_version", is: text},
	{key: "driver_version", is: text},
	{key: "user", is: text, max: MaxString},
	{key: "preparation", is: text},
}

var serviceFields = []field{
	{key: "version", is: text, max: MaxString},
	{key: "runtime", is: text, max: MaxString},
	{key: "runtime_version", is: text, max: MaxString},
	{key: "compiler", is: text, max: MaxString},
	{key: "compiler_version", is: text, max: MaxString},
}

// awsFields are those with a known shape; every service adds its own.
var awsFields = []field{
	{key: "account_id", is: text},
	{key: "function_arn", is: text},
	{key: "function_name", is: text},
	{key: "operation", is: text},
	{key: "region", is: text},
	{key: "request_id", is: text},
	{key: "id_2", is: text},
	{key: "table_name", is: text},
	{key: "bucket_name", is: text},
	{key: "key", is: text},
	{key: "queue_url", is: text},
	{key: "topic_arn", is: text},
	{key: "retries", is: count},
	{key: "status_code", is: count},
	{key: "message_count", is: count},
	{key: "resource_names", is: texts},
	{key: "table_names", is: texts},
	{key: "ec2", only: segments},
	{key: "ecs", only: segments},
	{key: "eks", only: segments},
	{key: "elastic_beanstalk", only: segments},
	{key: "xray", is: object, only: segments, fields: []field{
		{key: "sdk", is: text},
		{key: "sdk_version", is: text},
		{key: "package", is: text},
		{key: "auto_instrumentation", is: boolean},
	}},
	{key: "cloudwatch_logs", is: objects, only: segments, fields: []field{
		{key: "log_group", is: text},
		{key: "arn", is: text},
	}},
}

var causeFields = []field{
	{key: "working_directory", is: text},
	{key: "paths", is: texts},
	{key: "exceptions", check: (*checker).exceptions},
}

var exceptionFields = []field{
	{key: "id", check: (*checker).exceptionID},
	{key: "message", is: text},
	{key: "type", is: text},
	{key: "remote", is: boolean},
	{key: "truncated", is: count},
	{key: "skipped", is: count},
	{key: "cause", check: (*checker).reference},
	{key: "stack", is: objects, fields: []field{
		{key: "path", is: text},
		{key: "line", is: count},
		{key: "label", is: text},
	}},
}

var linkFields = []field{
	{key: "id"},
	{key: "trace_id"},
	{key: "attributes", is: object},
}

// members checks the members of an object whose fields are all known.
func (c *checker) members(p *path, n *node, fields []field) {
	for _, m := range n.members {
		if f := lookup(fields, m.key); f != nil {
			c.field(p.at(m.key), f, m.value)
		} else {
			c.fail(p.at(m.key), "X-Ray knows no such field")
		}
	}
}

func lookup(fields []field, key string) *field {
	i := slices.IndexFunc(fields, func(f field) bool { return f.key == key })
	if i < 0 {
		return nil
	}
	return &fields[i]
}

func (c *checker) field(p *path, f *field, n *node) {
	switch {
	case c.subsegment && f.only == segments:
		c.fail(p, "must be on a segment, not on a subsegment")
		return
	case !c.subsegment && f.only == subsegments:
		c.fail(p, "must be on a subsegment, not on a segment")
		return
	case f.check != nil:
		f.check(c, p, n)
		return
	}
	switch f.is {
	case text:
		c.text(p, n, f.max)
	case boolean:
		if n.kind != kindBool {
			c.fail(p, "must be a boolean, is %s", describe(n))
		}
	case count:
		c.count(p, n)
	case object:
		c.object(p, n, f.fields)
	case texts:
		for i, item := range c.array(p, n) {
			c.text(p.item(i), item, f.max)
		}
	case objects:
		for i, item := range c.array(p, n) {
			c.object(p.item(i), item, f.fields)
		}
	}
}

// object accepts an object of the fields and no others; of any fields if there
// are none.
func (c *checker) object(p *path, n *node, fields []field) {
	switch {
	case n.kind != kindObject:
		c.fail(p, "must be an object, is %s", describe(n))
	case fields != nil:
		c.members(p, n, fields)
	}
}

func (c *checker) array(p *path, n *node) []*node {
	if n.kind != kindArray {
		c.fail(p, "must be an array, is %s", describe(n))
	}
	return n.items
}

func (c *checker) text(p *path, n *node, limit int) {
	if n.kind != kindString {
		c.fail(p, "must be a string, is %s", describe(n))
		return
	}
	if count := utf8.RuneCountInString(n.text); limit > 0 && count > limit {
		c.fail(p, "must have at most %d characters, has %d", limit, count)
	}
}

func (c *checker) count(p *path, n *node) {
	if n.kind != kindNumber {
		c.fail(p, "must be a number, is %s", describe(n))
		return
	}
	if _, err := strconv.ParseUint(n.text, 10, 63); err != nil {
		c.fail(p, "must be an integer of at least 0, is %s", describe(n))
	}
}

// describe says in an error message what a value is.
func describe(n *node) string {
	switch n.kindOf() {
	case kindMissing:
		return "missing"
	case kindString:
		return strconv.Quote(string(prefix([]byte(n.text))))
	case kindNumber:
		return string(prefix([]byte(n.text)))
	case kindBool:
		return strconv.FormatBool(n.truth)
	}
	return string(n.kind)
}
