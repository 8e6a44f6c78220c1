package mapping

import (
	"math"
	"strconv"
	"strings"

	"go.opentelemetry.io/otel/attribute"
)

// fields is one pass over a list of attributes: which attribute fills which
// slot, and which of them a block has written. A block reads an attribute as often
// as it likes, and spends it when it has written it. What nobody has spent is left
// for annotations and metadata.
type fields struct {
	attrs []attribute.KeyValue
	have  blocks          // that the slots below are for
	used  []slot          // the slots that are set below
	index [numSlots]int32 // 1 + index into attrs; 0: no such attribute
	// texts has the strings of the slots, which blocks ask for again and again: with a
	// look at the attribute each time the six-span trace takes 6 % longer.
	texts   [numSlots]string
	spent   []bool  // attrs[i] has been written
	entries []int16 // attrs[i] in the table; -1: it has no slot
	seen    keySet  // keys of attributes without a slot
}

// scan reads attrs. Where two attributes want one slot the current convention
// wins; where one key comes twice the last one counts, as in attribute.Set.
func (f *fields) scan(attrs []attribute.KeyValue) {
	f.reset()
	f.attrs = attrs
	f.spent = resize(f.spent, len(attrs))
	clear(f.spent)
	f.entries = resize(f.entries, len(attrs))
	f.seen.reset(attrs)
	for i := range attrs {
		e := tableIndex(string(attrs[i].Key))
		f.entries[i] = int16(e)
		if e < 0 {
			f.keep(i)
			continue
		}
		entry := &attributeTable[e]
		if f.index[entry.slot] != 0 {
			f.again(entry.slot, i, entry.generation)
			continue
		}
		f.used = append(f.used, entry.slot)
		f.have |= entry.blocks
		f.set(entry.slot, i)
	}
}

// again decides between attrs[i] and the attribute that its slot has already.
func (f *fields) again(s slot, i int, g generation) {
	before := int(f.index[s]) - 1
	was, is := &f.attrs[before], &f.attrs[i]
	switch {
	case was.Key == is.Key:
		f.spent[before] = true // said twice
	case was.Value == is.Value, isPlace(s): // a place not to metadata, which would have the secrets of a URL
		if g == older {
			f.spent[i] = true
			return
		}
		f.spent[before] = true
	case g == older:
		f.keep(i)
		return
	default:
		f.keep(before)
	}
	f.set(s, i)
}

// reset empties the slots that the last scan has set, which are few.
func (f *fields) reset() {
	for _, s := range f.used {
		f.index[s], f.texts[s] = 0, ""
	}
	f.attrs, f.seen.attrs, f.used, f.have = nil, nil, f.used[:0], 0
}

func (f *fields) set(s slot, i int) {
	text := ""
	if v := &f.attrs[i].Value; v.Type() == attribute.STRING {
		text = v.AsString()
	}
	f.index[s], f.texts[s] = int32(i+1), text
}

// isPlace reports whether a slot holds a URL, a part of one with a query, or a
// connection string: what may carry secrets and is cleaned when it is written.
func isPlace(s slot) bool {
	switch s {
	case slotURLFull, slotURLQuery, slotHTTPTarget, slotDBConnection, slotURLOriginal, slotURLFragment:
		return true
	}
	return false
}

// keep leaves attrs[i] for annotations and metadata, where a key that comes
// twice counts once.
func (f *fields) keep(i int) {
	if before, again := f.seen.put(i); again {
		f.spent[before] = true
	}
}

// hasUnspent reports whether an attribute of that key, in no slot, is left for
// annotations and metadata.
func (f *fields) hasUnspent(key string) bool {
	i := f.seen.last(key)
	return i >= 0 && !f.spent[i]
}

// value returns the attribute of a slot, or nil.
func (f *fields) value(s slot) *attribute.Value {
	if i := f.index[s]; i != 0 {
		return &f.attrs[i-1].Value
	}
	return nil
}

// text returns the string of a slot; "" if there is none.
func (f *fields) text(s slot) string { return f.texts[s] }

// move has the attribute of one slot fill another.
func (f *fields) move(from, to slot) {
	f.index[to], f.texts[to] = f.index[from], f.texts[from]
	f.index[from], f.texts[from] = 0, ""
	f.used = append(f.used, to)
}

// host returns the string of a slot that names a host, without the credentials that
// some producers leave in it.
func (f *fields) host(s slot) string { return publicHost(f.text(s)) }

// spendHost returns the host of a slot and spends it, unless it is a URL that has more.
func (f *fields) spendHost(s slot) string {
	text := f.text(s)
	host := publicHost(text)
	if host != "" && !strings.Contains(text, "://") {
		f.spend(s)
	}
	return host
}

// place is host for a name that may have an @ of its own.
func (f *fields) place(s slot) string { return publicPlace(f.text(s)) }

// spend marks the attribute of a slot as written.
func (f *fields) spend(s slot) {
	if i := f.index[s]; i != 0 {
		f.spent[i-1] = true
	}
}

// spendText returns the string of a slot and spends it.
func (f *fields) spendText(s slot) string {
	t := f.text(s)
	if t != "" {
		f.spent[f.index[s]-1] = true
	}
	return t
}

// spendIf spends the string of a slot if it is only text again.
func (f *fields) spendIf(s slot, text string) {
	if text != "" && f.text(s) == text {
		f.spend(s)
	}
}

// spendUpTo returns the string of a slot, cut to limit characters. What had to be cut
// is not spent: metadata has the whole.
func (f *fields) spendUpTo(s slot, limit int) string {
	text := f.text(s)
	short := cut(text, limit)
	if text != "" && len(short) == len(text) {
		f.spend(s)
	}
	return short
}

// spendID returns the string of a slot, or the digits of an integer, and spends it:
// some producers have numbers for what is a name of digits.
func (f *fields) spendID(s slot) string {
	if t := f.spendText(s); t != "" {
		return t
	}
	if v := f.value(s); v != nil && v.Type() == attribute.INT64 {
		f.spend(s)
		return strconv.FormatInt(v.AsInt64(), 10)
	}
	return ""
}

// number returns the integer of a slot. Producers also send
// numbers as strings and as whole floats.
func (f *fields) number(s slot) (int64, bool) {
	v := f.value(s)
	if v == nil {
		return 0, false
	}
	switch v.Type() {
	case attribute.INT64:
		return v.AsInt64(), true
	case attribute.STRING:
		if n, err := strconv.ParseInt(v.AsString(), 10, 64); err == nil {
			return n, true
		}
	case attribute.FLOAT64:
		if n := v.AsFloat64(); n == math.Trunc(n) && math.Abs(n) < 1<<53 {
			return int64(n), true
		}
	}
	return 0, false
}

// count is number for what cannot be negative.
func (f *fields) count(s slot) (int64, bool) {
	n, ok := f.number(s)
	return n, ok && n >= 0
}

// flag returns the boolean of a slot.
func (f *fields) flag(s slot) (value, ok bool) {
	v := f.value(s)
	if v == nil || v.Type() != attribute.BOOL {
		return false, false
	}
	return v.AsBool(), true
}
