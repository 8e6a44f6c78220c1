package segment

import (
	"slices"
	"strconv"
	"strings"
)

// maxPath is how many bytes of a path are written, about. A document can nest
// 10,000 deep, with keys of megabytes.
const maxPath = 1000

// path leads to a value of the document; nil is the document itself. It is spelled
// only where a rule is broken: spelled at every value, paths are quadratic in the
// depth, and 4.5 MB of nesting took 77 s.
type path struct {
	up    *path
	key   string // of a member
	index int    // of an item; -1 for a member
}

// at returns the path of a member of the document.
func at(key string) *path { return (*path)(nil).at(key) }

// at returns the path of a member of p.
func (p *path) at(key string) *path { return &path{up: p, key: key, index: -1} }

// item returns the path of an item of p.
func (p *path) item(i int) *path { return &path{up: p, index: i} }

// String spells the path. Of one that is too long its two ends remain.
func (p *path) String() string {
	var steps []string
	for ; p != nil; p = p.up {
		if p.index < 0 {
			steps = append(steps, p.key, ".")
		} else {
			steps = append(steps, "["+strconv.Itoa(p.index)+"]")
		}
	}
	slices.Reverse(steps)
	s := strings.TrimPrefix(strings.Join(steps, ""), ".")
	if len(s) <= maxPath {
		return s
	}
	const half = maxPath / 2
	return strings.ToValidUTF8(s[:half], "") + "…" + strings.ToValidUTF8(s[len(s)-half:], "")
}
