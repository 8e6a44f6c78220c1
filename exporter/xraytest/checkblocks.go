package xraytest

import (
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"
)

// checkFunc checks the value of one field.
type checkFunc func(c *checker, path string, n *jsonNode)

// documentFields are the fields of segments and subsegments. Those without a
// function are checked where the document is looked at as a whole.
var documentFields = map[string]checkFunc{
	"name": nil, "id": nil, "trace_id": nil, "parent_id": nil, "type": nil,
	"start_time": nil, "end_time": nil, "subsegments": nil, "aws": nil,
	"in_progress":   isBool,
	"error":         isBool,
	"throttle":      isBool,
	"fault":         isBool,
	"traced":        isBool,
	"namespace":     oneOf("aws", "remote"),
	"origin":        isText(maxString),
	"resource_arn":  isText(0),
	"user":          isText(maxString),
	"cause":         (*checker).cause,
	"http":          object(httpFields),
	"sql":           object(sqlFields),
	"service":       object(serviceFields),
	"annotations":   (*checker).annotationsBlock,
	"metadata":      (*checker).metadata,
	"links":         (*checker).links,
	"precursor_ids": (*checker).precursors,
}

var (
	segmentOnly    = []string{"service", "user", "origin", "links"}
	subsegmentOnly = []string{"namespace", "traced", "precursor_ids", "sql"}
	// awsSegmentOnly are those within the aws block.
	awsSegmentOnly = []string{"ec2", "ecs", "eks", "elastic_beanstalk", "xray", "cloudwatch_logs"}
)

var httpFields = map[string]checkFunc{
	"request": object(map[string]checkFunc{
		"method":          isText(maxString),
		"url":             isText(maxString),
		"user_agent":      isText(maxString),
		"client_ip":       isText(maxString),
		"x_forwarded_for": isBool,
		"traced":          isBool,
	}),
	"response": object(map[string]checkFunc{
		"status":         isCount,
		"content_length": isCount,
	}),
}

var sqlFields = map[string]checkFunc{
	"connection_string": isText(0),
	"url":               isText(0),
	"sanitized_query":   isText(0),
	"database_type":     isText(0),
	"database_version":  isText(0),
	"driver_version":    isText(0),
	"user":              isText(maxString),
	"preparation":       isText(0),
}

var serviceFields = map[string]checkFunc{
	"version":          isText(maxString),
	"runtime":          isText(maxString),
	"runtime_version":  isText(maxString),
	"compiler":         isText(maxString),
	"compiler_version": isText(maxString),
}

// awsFields are those with a known shape; every service adds its own.
var awsFields = map[string]checkFunc{
	"account_id":    isText(0),
	"function_arn":  isText(0),
	"function_name": isText(0),
	"operation":     isText(0),
	"region":        isText(0),
	"request_id":    isText(0),
	"id_2":          isText(0),
	"table_name":    isText(0),
	"bucket_name":   isText(0),
	"key":           isText(0),
	"queue_url":     isText(0),
	"topic_arn":     isText(0),
	"retries":       isCount,
	"status_code":   isCount,
	"message_count": isCount,
	"xray": object(map[string]checkFunc{
		"sdk":                  isText(0),
		"sdk_version":          isText(0),
		"package":              isText(0),
		"auto_instrumentation": isBool,
	}),
	"cloudwatch_logs": list(object(map[string]checkFunc{
		"log_group": isText(0),
		"arn":       isText(0),
	})),
	"resource_names": list(isText(0)),
	"table_names":    list(isText(0)),
}

var exceptionFields = map[string]checkFunc{
	"id":        (*checker).exceptionID,
	"message":   isText(0),
	"type":      isText(0),
	"remote":    isBool,
	"truncated": isCount,
	"skipped":   isCount,
	"cause":     func(c *checker, path string, n *jsonNode) { c.id(path, n) },
	"stack": list(object(map[string]checkFunc{
		"path":  isText(0),
		"line":  isCount,
		"label": isText(0),
	})),
}

func isBool(c *checker, path string, n *jsonNode) {
	if n.kind != kindBool {
		c.fail(path, "must be a boolean, is %s", describe(n))
	}
}

// isCount accepts an integer of at least 0.
func isCount(c *checker, path string, n *jsonNode) {
	if n.kind != kindNumber {
		c.fail(path, "must be a number, is %s", describe(n))
		return
	}
	if _, err := strconv.ParseUint(n.text, 10, 63); err != nil {
		c.fail(path, "must be an integer of at least 0, is %s", n.text)
	}
}

// isText accepts a string of at most limit characters; 0 means no limit.
func isText(limit int) checkFunc {
	return func(c *checker, path string, n *jsonNode) {
		if n.kind != kindString {
			c.fail(path, "must be a string, is %s", describe(n))
			return
		}
		if count := utf8.RuneCountInString(n.text); limit > 0 && count > limit {
			c.fail(path, "must have at most %d characters, has %d", limit, count)
		}
	}
}

func oneOf(values ...string) checkFunc {
	return func(c *checker, path string, n *jsonNode) {
		for _, v := range values {
			if n.kind == kindString && n.text == v {
				return
			}
		}
		c.fail(path, "must be one of %s, is %s", strings.Join(values, ", "), describe(n))
	}
}

// object accepts an object of the fields and no others.
func object(fields map[string]checkFunc) checkFunc {
	return func(c *checker, path string, n *jsonNode) {
		if n.kind != kindObject {
			c.fail(path, "must be an object, is %s", describe(n))
			return
		}
		for _, m := range n.members {
			if check, ok := fields[m.key]; ok {
				check(c, join(path, m.key), m.value)
			} else {
				c.fail(join(path, m.key), "X-Ray knows no such field")
			}
		}
	}
}

func list(check checkFunc) checkFunc {
	return func(c *checker, path string, n *jsonNode) {
		for i, item := range c.array(path, n) {
			check(c, index(path, i), item)
		}
	}
}

func (c *checker) array(path string, n *jsonNode) []*jsonNode {
	if n.kind != kindArray {
		c.fail(path, "must be an array, is %s", describe(n))
	}
	return n.items
}

// flags checks what error, throttle and fault say together.
func (c *checker) flags(path string, n *jsonNode) {
	set := func(key string) bool {
		v := n.field(key)
		return v.kindOf() == kindBool && v.truth
	}
	if set("throttle") && !set("error") {
		c.fail(join(path, "throttle"), "must come with error:true, a throttled call is a client error")
	}
}

func (c *checker) aws(path string, n *jsonNode, subsegment bool) {
	if n == nil {
		return
	}
	if n.kind != kindObject {
		c.fail(path, "must be an object, is %s", describe(n))
		return
	}
	for _, m := range n.members {
		at := join(path, m.key)
		for _, key := range awsSegmentOnly {
			if subsegment && m.key == key {
				c.fail(at, "must be on a segment, not on a subsegment")
			}
		}
		if check, ok := awsFields[m.key]; ok {
			check(c, at, m.value)
		}
	}
}

// request checks the fields of http.request that only one side may have.
func (c *checker) request(path string, n *jsonNode, subsegment bool) {
	if subsegment && n.field("x_forwarded_for") != nil {
		c.fail(join(path, "x_forwarded_for"), "must be on a segment, not on a subsegment")
	}
	if !subsegment && n.field("traced") != nil {
		c.fail(join(path, "traced"), "must be on a subsegment, not on a segment")
	}
}

// cause is an object, or the id of an exception that a child records; the child
// may be in another document, so whether it does is not checked.
func (c *checker) cause(path string, n *jsonNode) {
	if n.kind == kindString {
		c.id(path, n)
		return
	}
	object(map[string]checkFunc{
		"working_directory": isText(0),
		"paths":             list(isText(0)),
		"exceptions":        list((*checker).exception),
	})(c, path, n)
}

func (c *checker) exception(path string, n *jsonNode) {
	object(exceptionFields)(c, path, n)
	if n.kind == kindObject && n.field("id") == nil {
		c.fail(join(path, "id"), "is needed on an exception")
	}
	if cause := n.field("cause"); cause != nil && n.field("id") != nil && cause.text == n.field("id").text {
		c.fail(join(path, "cause"), "must not be the exception's own id")
	}
}

func (c *checker) exceptionID(path string, n *jsonNode) {
	id := c.id(path, n)
	if id == "" {
		return
	}
	if first, ok := c.exceptions[id]; ok {
		c.fail(path, "%s is also the id of %s", id, first)
		return
	}
	c.exceptions[id] = path
}

var annotationKey = regexp.MustCompile(`^[A-Za-z0-9_]{1,` + strconv.Itoa(maxKey) + `}$`)

func (c *checker) annotationsBlock(path string, n *jsonNode) {
	if n.kind != kindObject {
		c.fail(path, "must be an object, is %s", describe(n))
		return
	}
	c.annotations += len(n.members)
	for _, m := range n.members {
		at := join(path, m.key)
		if !annotationKey.MatchString(m.key) {
			c.fail(at, "key must be 1 to %d letters, digits and _", maxKey)
		}
		switch m.value.kind {
		case kindString:
			isText(maxAnnotation)(c, at, m.value)
		case kindNumber:
			if _, err := strconv.ParseFloat(m.value.text, 64); err != nil {
				c.fail(at, "must fit a double, is %s", m.value.text)
			}
		case kindBool:
		default:
			c.fail(at, "must be a string, number or boolean, is %s", describe(m.value))
		}
	}
}

func (c *checker) metadata(path string, n *jsonNode) {
	if n.kind != kindObject {
		c.fail(path, "must be an object of namespaces, is %s", describe(n))
		return
	}
	for _, namespace := range n.members {
		at := join(path, namespace.key)
		if strings.HasPrefix(namespace.key, "AWS.") {
			c.fail(at, "keys that start with AWS. are reserved")
		}
		if namespace.value.kind != kindObject {
			c.fail(at, "a namespace must be an object, is %s", describe(namespace.value))
		}
		for _, m := range namespace.value.members {
			if strings.HasPrefix(m.key, "AWS.") {
				c.fail(join(at, m.key), "keys that start with AWS. are reserved")
			}
		}
	}
}

func (c *checker) links(path string, n *jsonNode) {
	items := c.array(path, n)
	if len(items) > maxLinks {
		c.fail(path, "must be at most %d, are %d", maxLinks, len(items))
	}
	for i, link := range items {
		at := index(path, i)
		c.id(join(at, "id"), link.field("id"))
		c.traceIDAt(join(at, "trace_id"), link.field("trace_id"))
		for _, m := range link.members {
			switch m.key {
			case "id", "trace_id":
			case "attributes":
				if m.value.kind != kindObject {
					c.fail(join(at, m.key), "must be an object, is %s", describe(m.value))
				}
			default:
				c.fail(join(at, m.key), "X-Ray knows no such field")
			}
		}
	}
}

func (c *checker) precursors(path string, n *jsonNode) {
	for i, item := range c.array(path, n) {
		c.id(index(path, i), item)
	}
}

// describe says in an error message what a value is.
func describe(n *jsonNode) string {
	switch n.kindOf() {
	case kindMissing:
		return "missing"
	case kindString:
		return strconv.Quote(string(prefix([]byte(n.text))))
	case kindNumber:
		return n.text
	case kindBool:
		return strconv.FormatBool(n.truth)
	}
	return string(n.kind)
}
