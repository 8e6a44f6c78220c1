package lambdaevent_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/lambdaxray/lambdaxray/propagator/lambdaevent"
)

// An event says the same however it is written: these write it anew from what
// encoding/json reads.
var writings = []struct {
	name      string
	reordered bool
	write     func(value any) []byte
}{
	{"compact", false, func(v any) []byte { return writer{}.append(nil, v) }},
	{"spaced", false, func(v any) []byte { return writer{space: "\n\t \r"}.append([]byte(" "), v) }},
	{"escaped", false, func(v any) []byte { return writer{escape: true}.append(nil, v) }},
	{"backwards", true, func(v any) []byte { return writer{backwards: true}.append(nil, v) }},
	{"backwards and escaped", true, func(v any) []byte { return writer{backwards: true, escape: true}.append(nil, v) }},
}

type writer struct {
	space     string
	escape    bool
	backwards bool // the members of the event
}

func (w writer) append(dst []byte, v any) []byte {
	switch v := v.(type) {
	case members:
		if w.backwards {
			v = slices.Clone(v)
			slices.Reverse(v)
			w.backwards = false
		}
		dst = append(append(dst, '{'), w.space...)
		for i, m := range v {
			if i > 0 {
				dst = append(append(append(dst, w.space...), ','), w.space...)
			}
			dst = append(append(w.appendString(dst, m.key), w.space...), ':')
			dst = w.append(append(dst, w.space...), m.value)
		}
		return append(append(dst, w.space...), '}')
	case []any:
		dst = append(append(dst, '['), w.space...)
		for i, e := range v {
			if i > 0 {
				dst = append(append(append(dst, w.space...), ','), w.space...)
			}
			dst = w.append(dst, e)
		}
		return append(append(dst, w.space...), ']')
	case string:
		return w.appendString(dst, v)
	case json.Number:
		return append(dst, v...)
	default: // true, false, null
		text, _ := json.Marshal(v)
		return append(dst, text...)
	}
}

// appendString escapes letters that no envelope's mark has: it is looked for in raw
// JSON, and nobody escapes it.
func (w writer) appendString(dst []byte, s string) []byte {
	text, _ := json.Marshal(s)
	for _, c := range text {
		if w.escape && strings.IndexByte("hRkmqvG", c) >= 0 && (len(dst) == 0 || dst[len(dst)-1] != '\\') {
			dst = fmt.Appendf(dst, `\u%04X`, c)
			continue
		}
		dst = append(dst, c)
	}
	return dst
}

func TestParseHoweverWritten(t *testing.T) {
	events, _ := eventCases(t)
	for name, event := range events {
		v, ok := decode(numbers(event))
		if !ok {
			t.Fatalf("%s: not read", name)
		}
		want := see(event)
		for _, w := range writings {
			if diff := cmp.Diff(want, see(w.write(v))); diff != "" {
				t.Errorf("%s, %s (-want +got):\n%s", name, w.name, diff)
			}
		}
	}
}

func FuzzParse(f *testing.F) {
	events, _ := eventCases(f)
	for _, event := range events {
		f.Add(event)
	}
	f.Add([]byte(`{"\u0052ecords":[{"eventSource":"aws\u003asqs","messageId":"\ud83d\ude00\\\""}]}`))
	f.Fuzz(func(t *testing.T, event []byte) {
		want := see(event)
		if !json.Valid(event) {
			return
		}
		v, unique := decode(numbers(event))
		if !unique {
			return // of a repeated key either may count
		}
		if again := see(writer{}.append(nil, v)); cmp.Diff(want, again) != "" && bytes.Contains(event, []byte(`\u`)) {
			return // an envelope's mark that is escaped
		}
		for _, w := range writings {
			if w.reordered {
				continue // what no one source sends may be two, and the first counts
			}
			if diff := cmp.Diff(want, see(w.write(v))); diff != "" {
				t.Errorf("%s\n%s (-want +got):\n%s", event, w.name, diff)
			}
		}
	})
}

// BenchmarkParseSmall: the sources whose events are read to their end.
func BenchmarkParseSmall(b *testing.B) {
	events, want := eventCases(b)
	for _, name := range []string{"alb", "msk", "appsync", "cognito", "eventbridge", "pipe_sqs", "websocket_connect", "lattice_v2", "custom"} {
		event := events[name]
		b.Run(name, func(b *testing.B) {
			if got := lambdaevent.Parse(event).Source.String(); got != want[name].Source {
				b.Fatal(got)
			}
			b.SetBytes(int64(len(event)))
			b.ReportAllocs()
			for b.Loop() {
				lambdaevent.Parse(event)
			}
		})
	}
}

func numbers(event []byte) *json.Decoder {
	d := json.NewDecoder(bytes.NewReader(event))
	d.UseNumber()
	return d
}

// members is an object in the order of its text.
type members []aMember

type aMember struct {
	key   string
	value any
}

// decode reads a value; it reports false for an object with a repeated key.
func decode(d *json.Decoder) (any, bool) {
	token, err := d.Token()
	if err != nil {
		return nil, false
	}
	switch token {
	case json.Delim('['):
		list := []any{}
		for d.More() {
			v, ok := decode(d)
			if !ok {
				return nil, false
			}
			list = append(list, v)
		}
		_, err = d.Token()
		return list, err == nil
	case json.Delim('{'):
		o := members{}
		for d.More() {
			token, _ := d.Token()
			key, isKey := token.(string)
			if !isKey || slices.ContainsFunc(o, func(m aMember) bool { return m.key == key }) {
				return nil, false
			}
			v, ok := decode(d)
			if !ok {
				return nil, false
			}
			o = append(o, aMember{key, v})
		}
		_, err = d.Token()
		return o, err == nil
	}
	return token, true
}
