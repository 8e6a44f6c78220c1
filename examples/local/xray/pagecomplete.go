package xray

import (
	"cmp"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/lambdaxray/lambdaxray/examples/local/xray/filter"
)

const (
	maxItems = 50     // proposals at a time
	scanned  = 10_000 // traces that are asked for them, the newest
)

// pageCompletion proposes what may stand at a column of a filter expression, from
// the traces that there are.
func (s *Store) pageCompletion(q query) (PageCompletion, error) {
	expression := q.text("filter")
	column, err := q.count("column", utf8.RuneCountInString(expression)+1, math.MaxInt32)
	if err != nil {
		return PageCompletion{}, err
	}
	p := filter.At(expression, column)
	out := PageCompletion{From: p.From, To: p.To, Items: []PageItem{}}
	add := func(kind string, texts ...string) {
		for _, text := range texts {
			out.Items = append(out.Items, PageItem{Text: text, Kind: kind})
		}
	}
	switch p.Want {
	case filter.WantKeyword:
		add("keyword", filter.Keywords()...)
	case filter.WantOperator:
		add("operator", filter.Operators(p.Subject)...)
		add("keyword", "AND", "OR")
	case filter.WantJoin:
		add("keyword", "AND", "OR")
	case filter.WantAnnotation:
		out.Items = s.counted("annotation", func(v *traceView, see func(string)) {
			for _, n := range v.notes {
				if n.key != userNote {
					see(n.key)
				}
			}
		})
	case filter.WantService:
		out.Items = s.counted("service", func(v *traceView, see func(string)) {
			for i := range v.segments {
				if name := v.segments[i].name().name; name != "" {
					see(quote(name))
				}
			}
		})
	case filter.WantValue:
		out.Items = s.values(p.Subject)
	}
	out.Items = slices.DeleteFunc(out.Items, func(i PageItem) bool { return !hasPrefix(i.Text, p.Prefix) })
	if len(out.Items) > maxItems {
		out.Items = out.Items[:maxItems]
	}
	return out, nil
}

// hasPrefix looks at letters alone, whatever their case and the quotes before them.
func hasPrefix(text, prefix string) bool {
	return strings.HasPrefix(strings.ToLower(strings.TrimLeft(text, `"`)), strings.ToLower(strings.TrimLeft(prefix, `"`)))
}

func quote(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s) + `"`
}

// values proposes the values that a keyword or an annotation has.
func (s *Store) values(subject string) []PageItem {
	if key, ok := strings.CutPrefix(subject, "annotation."); ok {
		return s.counted("value", func(v *traceView, see func(string)) {
			v.Annotation(key, func(value any) bool {
				switch value := value.(type) {
				case string:
					see(quote(value))
				case float64:
					text, _ := json.Marshal(value) // a number that JSON had
					see(string(text))
				default:
					see(fmt.Sprint(value))
				}
				return false
			})
		})
	}
	k, text, known := filter.Lookup(subject)
	switch {
	case !known:
		return []PageItem{}
	case text:
		return s.counted("value", func(v *traceView, see func(string)) {
			all := func(got string) bool { see(quote(got)); return false }
			if k == filter.GroupName || k == filter.GroupARN {
				v.Group(k, all)
			} else {
				v.Text(k, all)
			}
		})
	case slices.Contains(filter.Operators(subject), "<"):
		return []PageItem{}
	}
	return []PageItem{{Text: "true", Kind: "value"}, {Text: "false", Kind: "value"}}
}

// counted returns what collect sees in the newest traces, the most frequent first.
func (s *Store) counted(kind string, collect func(v *traceView, see func(string))) []PageItem {
	list := s.snapshot(0, 0, false)
	slices.SortFunc(list, func(a, b *flat) int { return compareStart(b, a) })
	counts := make(map[string]int)
	for _, f := range list[:min(len(list), scanned)] {
		seen := make(map[string]bool)
		collect(&traceView{flat: f, store: s}, func(text string) {
			if !seen[text] && utf8.RuneCountInString(text) <= 250 {
				seen[text] = true
				counts[text]++
			}
		})
	}
	out := make([]PageItem, 0, len(counts))
	for text, n := range counts {
		out = append(out, PageItem{text, kind, n})
	}
	slices.SortFunc(out, func(a, b PageItem) int { return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Text, b.Text)) })
	return out
}
