package xray

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/lambdaxray/lambdaxray/mapping/segment"
)

// health is what came in and what was wrong with it. The store's lock guards it.
type health struct {
	started   time.Time
	documents int
	bad       int // documents that break a rule, or could not be kept
	evicted   int // traces
	late      int // documents of traces that had been evicted
	rules     map[ruleName]*ruleCount
	broken    []PageBroken // oldest first
}

const (
	maxRules    = 200  // kinds of violations that are told apart
	maxExamples = 5    // of each
	maxBroken   = 100  // that are remembered
	maxBrokenIs = 2000 // bytes of each
)

// ruleName is a kind of violation: the same rule at the same place.
type ruleName struct{ rule, code string }

type ruleCount struct {
	count    int
	examples []PageExample // newest first
}

func (h *health) take(d *segment.Document, violations []*segment.Violation) {
	h.documents++
	if len(violations) > 0 {
		h.bad++
	}
	if h.rules == nil {
		h.rules = make(map[ruleName]*ruleCount)
	}
	for _, v := range violations {
		name := ruleName{ruleText(v), v.ErrorCode}
		r := h.rules[name]
		if r == nil {
			if len(h.rules) >= maxRules {
				continue
			}
			r = &ruleCount{}
			h.rules[name] = r
		}
		r.count++
		r.examples = slices.Insert(r.examples, 0, PageExample{Trace: d.TraceID, Segment: d.ID, Name: d.Name, Path: v.Path, Rule: v.Rule})
		r.examples = r.examples[:min(len(r.examples), maxExamples)]
	}
}

var (
	numbers = regexp.MustCompile(`\[\d+\]`)
	// values are what a rule says of this very document.
	values = regexp.MustCompile(`(?s)(, | )(is|has|the document has) .*$`)
)

// ruleText is what all violations of a kind have in common: where, and what must
// be there.
func ruleText(v *segment.Violation) string {
	path := numbers.ReplaceAllString(v.Path, "[]")
	for strings.Contains(path, "subsegments[].subsegments[]") {
		path = strings.ReplaceAll(path, "subsegments[].subsegments[]", "subsegments[]")
	}
	rule := values.ReplaceAllString(v.Rule, "")
	if rule == "" {
		rule = v.Rule
	}
	if path == "" {
		return rule
	}
	return path + ": " + rule
}

func (h *health) reject(a Arrival, reason error) {
	h.bad++
	text := a.Document
	if len(text) > maxBrokenIs {
		text = text[:maxBrokenIs]
	}
	at := a.Time
	if at.IsZero() {
		at = time.Now()
	}
	h.broken = append(h.broken, PageBroken{
		Time: epoch(at), Source: a.Source, Reason: reason.Error(), Bytes: len(a.Document), Text: strings.ToValidUTF8(string(text), "\ufffd"),
	})
	if over := len(h.broken) - maxBroken; over > 0 {
		h.broken = slices.Delete(h.broken, 0, over)
	}
}

// epoch converts a time to seconds since 1970.
func epoch(t time.Time) float64 { return float64(t.UnixMicro()) / 1e6 }

// page writes what the page shows.
func (h *health) page() PageHealth {
	out := PageHealth{
		Started: epoch(h.started), Documents: h.documents, Evicted: h.evicted, Late: h.late,
		Rules: []PageRule{}, Broken: []PageBroken{},
	}
	for name, r := range h.rules {
		out.Rules = append(out.Rules, PageRule{Rule: name.rule, Code: name.code, Count: r.count, Examples: slices.Clone(r.examples)})
	}
	slices.SortFunc(out.Rules, func(a, b PageRule) int { return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Rule, b.Rule)) })
	for _, b := range slices.Backward(h.broken) {
		out.Broken = append(out.Broken, b)
	}
	return out
}
