package xray

import (
	"cmp"
	"encoding/base64"
	"encoding/json"
	"slices"
	"strings"
)

// sortKey is what traces are ordered by: a text or a number, then the id.
type sortKey struct {
	Text   string  `json:"t,omitempty"`
	Number float64 `json:"n,omitempty"`
	ID     string  `json:"i"`
}

func (k sortKey) compare(other sortKey) int {
	switch {
	case k.Number != other.Number:
		return cmp.Compare(k.Number, other.Number)
	case k.Text != other.Text:
		return strings.Compare(k.Text, other.Text)
	}
	return strings.Compare(k.ID, other.ID)
}

// sorts are the orders of the trace list.
var sorts = map[string]func(*flat) sortKey{
	"start":    func(f *flat) sortKey { return sortKey{Number: f.start} },
	"response": func(f *flat) sortKey { return sortKey{Number: float64(f.rootSegment().response)} },
	"duration": func(f *flat) sortKey { return sortKey{Number: f.end - f.start} },
	"status":   func(f *flat) sortKey { return sortKey{Number: float64(f.rootSegment().known().status)} },
	"outcome":  func(f *flat) sortKey { return sortKey{Number: float64(f.rootSegment().outcome)} },
	"cold":     func(f *flat) sortKey { return sortKey{Number: float64(f.init())} },
	"method":   func(f *flat) sortKey { return sortKey{Text: f.rootSegment().known().method} },
	"url":      func(f *flat) sortKey { return sortKey{Text: f.rootSegment().known().url} },
	"name":     func(f *flat) sortKey { return sortKey{Text: f.name()} },
}

// order is a sort parameter that has been read.
type order struct {
	key        func(*flat) sortKey
	descending bool
}

func readOrder(text string) (order, error) {
	if text == "" {
		text = "-start"
	}
	name, descending := strings.CutPrefix(text, "-")
	key, ok := sorts[name]
	if !ok {
		names := make([]string, 0, len(sorts))
		for n := range sorts {
			names = append(names, n)
		}
		slices.Sort(names)
		return order{}, badParameter("sort", "sort must be one of %s, with or without a - before it, is %.40q", strings.Join(names, ", "), text)
	}
	return order{key, descending}, nil
}

func (o order) of(f *flat) sortKey {
	k := o.key(f)
	k.ID = f.id
	return k
}

func (o order) compare(a, b sortKey) int {
	if o.descending {
		return b.compare(a)
	}
	return a.compare(b)
}

// page returns the first n of a list behind a cursor, and the next cursor.
func (o order) page(list []*flat, cursor string, n int) (rows []*flat, next string, err error) {
	type row struct {
		key sortKey
		f   *flat
	}
	var after *sortKey
	if cursor != "" {
		text, err := base64.RawURLEncoding.DecodeString(cursor)
		if err != nil || json.Unmarshal(text, &after) != nil || after == nil {
			return nil, "", badParameter("cursor", "cursor must be what next of an earlier page was, is %.40q", cursor)
		}
	}
	var best []row // the first n+1, in order
	for _, f := range list {
		r := row{o.of(f), f}
		if after != nil && o.compare(r.key, *after) <= 0 {
			continue
		}
		if len(best) > n && o.compare(r.key, best[n].key) >= 0 {
			continue
		}
		i, _ := slices.BinarySearchFunc(best, r, func(x, y row) int { return o.compare(x.key, y.key) })
		best = slices.Insert(best, i, r)
		best = best[:min(len(best), n+1)]
	}
	for _, r := range best[:min(len(best), n)] {
		rows = append(rows, r.f)
	}
	if len(best) > n {
		text, err := json.Marshal(best[n-1].key)
		if err != nil {
			return nil, "", err
		}
		next = base64.RawURLEncoding.EncodeToString(text)
	}
	return rows, next, nil
}

const (
	defaultRows = 100
	maxRows     = 500
)

func (s *Store) pageTraces(q query) (PageTraces, error) {
	out := PageTraces{Traces: []PageRow{}}
	from, to, _, err := s.asked(q)
	if err != nil {
		return out, err
	}
	by, err := q.filter()
	if err != nil {
		return out, err
	}
	limit, err := q.count("limit", defaultRows, maxRows)
	if err != nil {
		return out, err
	}
	order, err := readOrder(q.text("sort"))
	if err != nil {
		return out, err
	}
	out.Seq, _ = s.Changed()
	all := s.snapshot(from, to, false)
	list := s.match(all, by)
	var sum stats
	for _, f := range list {
		root := f.rootSegment()
		sum.add(root.outcome, root.response, 1)
	}
	out.Total, out.Scanned, out.Stats, out.Histogram = len(list), len(all), sum.page(), sum.times.page()
	rows, next, err := order.page(list, q.text("cursor"), limit)
	if err != nil {
		return out, err
	}
	out.Next = next
	for _, f := range rows {
		row := f.row()
		row.Run = s.runOf(row.Start)
		out.Traces = append(out.Traces, row)
	}
	return out, nil
}

// init is how long all initializations of the trace took, in microseconds; -1 if
// there was none.
func (f *flat) init() int64 {
	total := int64(-1)
	for i := range f.segments {
		if init := f.segments[i].init; init >= 0 {
			total = max(total, 0) + init
		}
	}
	return total
}

// name is that of the root.
func (f *flat) name() string {
	if f.orphan != "" {
		return f.orphan
	}
	return f.rootSegment().name().name
}

func (f *flat) row() PageRow {
	root := f.rootSegment()
	id, known, init := root.serviceID(), root.known(), f.init()
	out := PageRow{
		ID: f.id, Name: f.name(), Type: id.Type, Start: f.start, Response: float64(root.response) / 1e6, Duration: between(f.start, f.end),
		Outcome: outcomeNames[root.outcome], Partial: f.partial, Status: known.status, Method: known.method, URL: known.url,
		Cold: init >= 0, Init: float64(max(init, 0)) / 1e6, Users: []string{}, Annotations: map[string][]any{}, Nodes: []string{},
		Documents: f.documents, Bytes: f.bytes, Violations: f.violations,
	}
	for i := range f.segments {
		if s := &f.segments[i]; s.node != (node{}) {
			out.Nodes = addOnce(out.Nodes, s.name().id())
		}
	}
	for _, n := range f.notes {
		if n.key == userNote {
			out.Users = addOnce(out.Users, n.value.(string))
		} else if values := out.Annotations[n.key]; !slices.Contains(values, n.value) {
			out.Annotations[n.key] = append(values, n.value)
		}
	}
	return out
}
