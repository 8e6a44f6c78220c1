package compare

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"sort"
	"strings"
)

// node is a segment or subsegment, in whatever document it came.
type node struct {
	fields   map[string]any
	children []*node
	above    string // id of the one it is nested in; "": none
	started  float64
}

// nodes are the segments and subsegments of documents by id, in the order in which
// they came. Of a repeated id the last counts, as in X-Ray.
type nodes struct {
	byID map[string]*node
	ids  []string
}

func (all *nodes) read(raw json.RawMessage, above string) error {
	n := &node{above: above}
	if err := json.Unmarshal(raw, &n.fields); err != nil {
		return fmt.Errorf("%w: %s", err, raw)
	}
	n.started, _ = n.fields["start_time"].(float64)
	id, _ := n.fields["id"].(string)
	if all.byID[id] == nil {
		all.ids = append(all.ids, id)
	}
	all.byID[id] = n
	var inner struct {
		Subsegments []json.RawMessage `json:"subsegments"`
	}
	if err := json.Unmarshal(raw, &inner); err != nil {
		return err
	}
	for _, s := range inner.Subsegments {
		if err := all.read(s, id); err != nil {
			return err
		}
	}
	return nil
}

// Leaves returns documents as their values by path, such as
// /shop/order|annotations/items = 3. Ids, times and documents' limits are not in it:
// a tree is the same in one document and in many. Nodes of one name that are
// beside each other are numbered in the order of their start.
func Leaves(documents [][]byte) (map[string]string, error) {
	all := &nodes{byID: map[string]*node{}}
	for _, d := range documents {
		if err := all.read(d, ""); err != nil {
			return nil, err
		}
	}
	root := &node{}
	for _, id := range all.ids {
		n := all.byID[id]
		parent, _ := n.fields["parent_id"].(string)
		above := all.byID[n.above]
		if above == nil {
			above = all.byID[parent]
		}
		switch {
		case above == nil:
			root.children = append(root.children, n)
		case n.above != "" || n.fields["type"] == "subsegment":
			above.children = append(above.children, n)
			delete(n.fields, "type")
			delete(n.fields, "parent_id")
		default: // a segment called by another of this process
			n.fields["parent_id"] = "span " + fmt.Sprint(above.fields["name"])
			root.children = append(root.children, n)
		}
	}
	leaves := map[string]string{}
	root.leaves("", leaves)
	return leaves, nil
}

func (n *node) leaves(path string, leaves map[string]string) {
	sort.SliceStable(n.children, func(i, j int) bool { return n.children[i].started < n.children[j].started })
	seen := map[string]int{}
	for _, c := range n.children {
		name := plain(fmt.Sprint(c.fields["name"]))
		seen[name]++
		at := path + "/" + name
		if seen[name] > 1 {
			at += fmt.Sprintf("#%d", seen[name])
		}
		flatten(at+"|name", c.fields["name"], leaves)
		for _, key := range slices.Sorted(maps.Keys(c.fields)) {
			switch key {
			case "name", "id", "trace_id", "start_time", "end_time", "subsegments":
				continue
			}
			flatten(at+"|"+key, c.fields[key], leaves)
		}
		c.leaves(at, leaves)
	}
}

// plain is a name without what the two sides spell differently: letters' case in
// the names of services, a query, and what X-Ray has no place for.
func plain(name string) string {
	name, _, _ = strings.Cut(name, "?")
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune("(){}!/", r) {
			return -1
		}
		return r
	}, strings.ToLower(name))
}

func flatten(path string, v any, leaves map[string]string) {
	switch v := v.(type) {
	case map[string]any:
		for key, v := range v {
			switch {
			case key == "id" && strings.Contains(path, "exceptions"):
			case key == "stack":
				leaves[path+"/stack"] = ownFrames(v)
			default:
				flatten(path+"/"+key, v, leaves)
			}
		}
	case []any:
		for i, v := range v {
			flatten(fmt.Sprintf("%s/%d", path, i), v, leaves)
		}
	default:
		text, _ := json.Marshal(v) // it came from JSON
		leaves[path] = string(text)
	}
}

// ownFrames returns the frames of a stack that are the program's: those between are
// the libraries' own, of which there is one more or less.
func ownFrames(stack any) string {
	var own []string
	list, _ := stack.([]any)
	for _, f := range list {
		frame, _ := f.(map[string]any)
		if path := fmt.Sprint(frame["path"]); strings.HasPrefix(path, "programs/") {
			own = append(own, fmt.Sprintf("%v %s:%v", frame["label"], path, frame["line"]))
		}
	}
	return strings.Join(own, " < ")
}

// Difference is a leaf that two programs do not have in common. A side that does
// not have it is "".
type Difference struct {
	Program string
	Path    string // /shop/order|annotations/items
	SDK     string
	Ours    string
}

// String names the program, the path and both values.
func (d Difference) String() string {
	return fmt.Sprintf("%s %s: SDK %s, here %s", d.Program, d.Path, or(d.SDK), or(d.Ours))
}

func or(s string) string {
	if s == "" {
		return "nothing"
	}
	return s
}

// Compare returns the leaves that differ, in order.
func Compare(program string, sdk, ours map[string]string) []Difference {
	var list []Difference
	for _, path := range slices.Sorted(maps.Keys(union(sdk, ours))) {
		if sdk[path] != ours[path] {
			list = append(list, Difference{program, path, sdk[path], ours[path]})
		}
	}
	return list
}

func union(a, b map[string]string) map[string]string {
	u := maps.Clone(a)
	maps.Copy(u, b)
	return u
}
