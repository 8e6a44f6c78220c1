package segment

import (
	"strconv"
	"strings"
)

func (c *checker) namespace(p *path, n *node) {
	if n.kind != kindString || n.text != "aws" && n.text != "remote" {
		c.fail(p, "must be one of aws, remote, is %s", describe(n))
	}
}

// aws checks the fields with a known shape and takes any other.
func (c *checker) aws(p *path, n *node) {
	if n.kind != kindObject {
		c.fail(p, "must be an object, is %s", describe(n))
		return
	}
	for _, m := range n.members {
		if f := lookup(awsFields, m.key); f != nil {
			c.field(p.at(m.key), f, m.value)
		}
	}
}

// cause is an object, or the id of an exception that a child records; the child
// may be in another document, so whether it does is not checked.
func (c *checker) cause(p *path, n *node) {
	if n.kind == kindString {
		c.id(p, n)
		return
	}
	c.object(p, n, causeFields)
}

func (c *checker) exceptions(p *path, n *node) {
	for i, item := range c.array(p, n) {
		c.exception(p.item(i), item)
	}
}

func (c *checker) exception(p *path, n *node) {
	c.object(p, n, exceptionFields)
	id, cause := n.field("id"), n.field("cause")
	switch {
	case n.kind != kindObject:
	case id == nil:
		c.fail(p.at("id"), "is needed on an exception")
	case cause != nil && cause.text == id.text:
		c.fail(p.at("cause"), "must not be the exception's own id")
	}
}

func (c *checker) exceptionID(p *path, n *node) {
	c.unique(p, c.exceptionIDs, c.id(p, n), p)
}

func (c *checker) reference(p *path, n *node) { c.id(p, n) }

func (c *checker) annotations(p *path, n *node) {
	if n.kind != kindObject {
		c.fail(p, "must be an object, is %s", describe(n))
		return
	}
	c.annotated += len(n.members)
	for _, m := range n.members {
		p := p.at(m.key)
		if !legalAnnotationKey(m.key) {
			c.fail(p, "key must be 1 to %d letters, digits, _ and .", MaxAnnotationKey)
		}
		switch m.value.kind {
		case kindString:
			c.text(p, m.value, MaxAnnotation)
		case kindNumber:
			if _, err := strconv.ParseFloat(m.value.text, 64); err != nil {
				c.fail(p, "must fit a double, is %s", describe(m.value))
			}
		case kindBool:
		default:
			c.fail(p, "must be a string, number or boolean, is %s", describe(m.value))
		}
	}
}

func legalAnnotationKey(key string) bool {
	for i := range len(key) {
		switch c := key[i]; {
		case '0' <= c && c <= '9', 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', c == '_', c == '.':
		default:
			return false
		}
	}
	return 1 <= len(key) && len(key) <= MaxAnnotationKey
}

func (c *checker) metadata(p *path, n *node) {
	if n.kind != kindObject {
		c.fail(p, "must be an object of namespaces, is %s", describe(n))
		return
	}
	for _, namespace := range n.members {
		p := p.at(namespace.key)
		if strings.HasPrefix(namespace.key, "AWS.") {
			c.fail(p, "keys that start with AWS. are reserved")
		}
		if namespace.value.kind != kindObject {
			c.fail(p, "a namespace must be an object, is %s", describe(namespace.value))
		}
		for _, m := range namespace.value.members {
			if strings.HasPrefix(m.key, "AWS.") {
				c.fail(p.at(m.key), "keys that start with AWS. are reserved")
			}
		}
	}
}

func (c *checker) links(p *path, n *node) {
	items := c.array(p, n)
	if len(items) > MaxLinks {
		c.fail(p, "must be at most %d, are %d", MaxLinks, len(items))
	}
	for i, link := range items {
		p := p.item(i)
		c.id(p.at("id"), link.field("id"))
		c.traceIDAt(p.at("trace_id"), link.field("trace_id"))
		for _, m := range link.members {
			if f := lookup(linkFields, m.key); f != nil {
				c.field(p.at(m.key), f, m.value)
			} else {
				c.fail(p.at(m.key), "X-Ray knows no such field")
			}
		}
	}
}

func (c *checker) precursors(p *path, n *node) {
	for i, item := range c.array(p, n) {
		c.id(p.item(i), item)
	}
}
