package xray

import (
	"crypto/sha1"
	"encoding/hex"
	"slices"

	"github.com/lambdaxray/lambdaxray/examples/local/xray/filter"
)

// Group is a group of traces by a filter expression.
//
// Source: https://docs.aws.amazon.com/xray/latest/api/API_Group.html
type Group struct {
	GroupName             string
	GroupARN              string
	FilterExpression      string `json:",omitempty"`
	InsightsConfiguration struct{ InsightsEnabled, NotificationsEnabled bool }

	filter *filter.Filter
}

// defaultGroup is the group that every account has: all traces.
const defaultGroup = "Default"

// maxGroups is X-Ray's limit of groups.
const maxGroups = 25

func newGroup(name string, f *filter.Filter, expression string) Group {
	sum := sha1.Sum([]byte(name))
	return Group{
		GroupName: name, FilterExpression: expression, filter: f,
		GroupARN: "arn:aws:xray:us-east-1:123456789012:group/" + name + "/" + hex.EncodeToString(sum[:8]),
	}
}

// groups returns all groups, the Default first.
func (s *Store) groups() []Group {
	s.groupsMu.Lock()
	defer s.groupsMu.Unlock()
	return append([]Group{allTraces}, s.named...)
}

// group finds a group by name or ARN; both empty is the Default.
func (s *Store) group(name, arn string) (Group, bool) {
	for _, g := range s.groups() {
		if name == "" && arn == "" || name == g.GroupName || name == "" && arn == g.GroupARN {
			return g, true
		}
	}
	return Group{}, false
}

// setGroup makes or changes a group.
func (s *Store) setGroup(g Group) bool {
	s.groupsMu.Lock()
	defer s.groupsMu.Unlock()
	i := slices.IndexFunc(s.named, func(other Group) bool { return other.GroupName == g.GroupName })
	switch {
	case i >= 0:
		s.named[i] = g
	case len(s.named) >= maxGroups:
		return false
	default:
		s.named = append(s.named, g)
	}
	return true
}

func (s *Store) deleteGroup(name string) {
	s.groupsMu.Lock()
	defer s.groupsMu.Unlock()
	s.named = slices.DeleteFunc(s.named, func(g Group) bool { return g.GroupName == name })
}

var allTraces = newGroup(defaultGroup, nil, "")
