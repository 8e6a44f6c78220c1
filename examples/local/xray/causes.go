package xray

import (
	"github.com/lambdaxray/lambdaxray/examples/local/xray/filter"
)

// maxCauses is how many root causes of a kind a trace has at most.
const maxCauses = 10

// causes returns why the trace is a fault, an error, or slow: paths from its root
// to what is to blame. How X-Ray finds them is not documented in all; here each
// faulty leaf has one, and the response time follows the longest part as long as
// that takes at least half of what it is in.
func (t *compiledTrace) causes(kind filter.CauseKind) []filter.Cause {
	c := causeFinder{t: t, kind: kind, root: t.root()}
	c.segment(nil, c.root)
	return c.found
}

type causeFinder struct {
	t     *compiledTrace
	kind  filter.CauseKind
	root  *part
	found []filter.Cause
}

// blamed reports whether a part has what is looked for.
func (c *causeFinder) blamed(p *part) bool {
	switch c.kind {
	case filter.FaultCause:
		return p.doc.Fault
	case filter.ErrorCause:
		return p.doc.Error
	}
	return true
}

// segment goes on with a segment at the end of a path.
func (c *causeFinder) segment(path []filter.CauseService, p *part) {
	if !c.blamed(p) && p != c.root || len(path) > 50 {
		return
	}
	service := filter.CauseService{Name: p.doc.Name, Inferred: p.inferred, AccountID: oneString(p.doc.AWS["account_id"])}
	if p.segment {
		service.Name, service.Type = p.node.Value().name, p.node.Value().typ
	}
	c.entity(append(path[:len(path):len(path)], service), p)
}

// entity goes on with a segment or subsegment of the last service.
func (c *causeFinder) entity(path []filter.CauseService, p *part) {
	if len(c.found) == maxCauses {
		return
	}
	path = append(path[:len(path)-1:len(path)-1], path[len(path)-1])
	last := &path[len(path)-1]
	e := filter.CauseEntity{Name: p.doc.Name, Remote: p.isCall()}
	if c.kind == filter.ResponseTimeCause {
		e.Coverage = share(p, c.root)
	} else if p.doc.Cause != nil {
		for _, x := range p.doc.Cause.Exceptions {
			e.Exceptions = append(e.Exceptions, filter.CauseException{Name: x.Type, Message: x.Message})
		}
	}
	last.Entities = append(last.Entities[:len(last.Entities):len(last.Entities)], e)
	next := c.next(p)
	for _, n := range next {
		if n.segment {
			c.segment(path, n)
		} else {
			c.entity(path, n)
		}
	}
	if len(next) == 0 && c.blamed(p) && len(c.found) < maxCauses {
		c.found = append(c.found, filter.Cause{Services: path})
	}
}

// next returns what is to blame beneath a part.
func (c *causeFinder) next(p *part) []*part {
	var list []*part
	for _, child := range p.children {
		if c.blamed(child) {
			list = append(list, child)
		}
	}
	for _, top := range c.t.tops {
		if top.segment && top.parent == p.key && top != p && c.blamed(top) {
			list = append(list, top)
		}
	}
	if c.kind != filter.ResponseTimeCause {
		return list
	}
	var longest *part
	for _, n := range list {
		if longest == nil || n.end-n.start > longest.end-longest.start {
			longest = n
		}
	}
	if longest == nil || share(longest, p) < 0.5 {
		return nil
	}
	return []*part{longest}
}

// share is how much of a part's time another takes.
func share(p, of *part) float64 {
	if of.end <= of.start {
		return 0
	}
	return min((p.end-p.start)/(of.end-of.start), 1)
}
