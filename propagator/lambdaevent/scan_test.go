package lambdaevent

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
)

// FuzzScan walks valid JSON as encoding/json reads it.
func FuzzScan(f *testing.F) {
	for _, seed := range []string{
		`{}`, `[]`, ` { "a" : 1 , "b" : [ true , null ] } `, `{"a":{"b":"}"},"c":"\\","d":"\""}`, `[[1,2],{"a":[]},"x",-1.5e+3]`,
		`{"\u0061":"\ud83d\ude00","b":"\ud800"}`, `{"a":"` + strings.Repeat(`\"x`, 40) + `"}`, `{"a":"\\\\\\"}`, `"\u00e9"`, "{\"\xff\":\"\xff\"}",
		`{"a":1,"a":2}`, `{"":0}`, `["` + strings.Repeat("x", 15) + `\\",1]`, `["` + strings.Repeat(`\\`, 9) + `\"",1]`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		o, a := openObject(text), openArray(text)
		if !json.Valid(text) {
			for o.next() {
				o.value()
			}
			for a.next() {
				a.value()
			}
			return
		}
		var object map[string]json.RawMessage
		_ = json.Unmarshal(text, &object) // of a list or a scalar there is none
		keys := map[string]bool{}
		for o.next() {
			key := string(o.key)
			keys[key] = true
			value := o.value()
			if !json.Valid(value) {
				t.Fatalf("%s: value of %q is %q", text, key, value)
			}
			checkText(t, value)
		}
		for key, want := range object {
			if !keys[key] {
				t.Errorf("%s: no %q", text, key)
			}
			// Of a repeated key both take the last.
			if got := member(text, key); !bytes.Equal(got, want) {
				t.Errorf("%s: %q is %q, want %q", text, key, got, want)
			}
		}
		if len(keys) != len(object) {
			t.Errorf("%s: %v", text, keys)
		}
		var list []json.RawMessage
		_ = json.Unmarshal(text, &list)
		for _, want := range list {
			if !a.next() || !bytes.HasPrefix(a.rest(), want) {
				t.Fatalf("%s: no %s", text, want)
			}
			if got := a.value(); !bytes.Equal(got, want) {
				t.Errorf("%s: %q, want %q", text, got, want)
			}
			checkText(t, want)
		}
		if a.next() {
			t.Errorf("%s: more elements", text)
		}
		if first := firstOf(text); len(list) > 0 && !bytes.Equal(first, list[0]) || len(list) == 0 && first != nil {
			t.Errorf("%s: first is %s", text, first)
		}
	})
}

func checkText(t *testing.T, raw []byte) {
	t.Helper()
	var want string
	if json.Unmarshal(raw, &want) != nil || string(raw) == "null" {
		want = ""
	}
	if got := text(raw); got != want {
		t.Errorf("%s: text %q, want %q", raw, got, want)
	}
}

// TestScanNext: values that nobody reads are skipped.
func TestScanNext(t *testing.T) {
	var keys []string
	for o := openObject([]byte(` {"a":{"a":[1,2]},"b":"\"}" ,"c":[{"d":1}] , "e":null} `)); o.next(); {
		keys = append(keys, string(o.key))
	}
	if got := strings.Join(keys, ""); got != "abce" {
		t.Errorf("keys %s", got)
	}
	n := 0
	for a := openArray([]byte(` [ {"a":[1,2]} , "]" , [[]] ,4 ] `)); a.next(); n++ {
	}
	if n != 4 {
		t.Errorf("%d elements", n)
	}
}

// TestScanBroken: a walk ends where the text is none of JSON, and what was read till
// then counts.
func TestScanBroken(t *testing.T) {
	for text, want := range map[string]string{
		`{"a":1`: "a", `{"a":1,`: "a", `{"a":1,"b"`: "a", `{"a":1 "b":2}`: "a", `{"a":1,,"b":2}`: "a", `{"a":1,b:2}`: "a",
		`{"a":"x`: "a", `{"a":"x\`: "a", `{"a":{"b":1,"c":2`: "a", `{"a":`: "a", `{"a" 1}`: "", `{,"a":1}`: "", `{"a`: "", `{"a\`: "", `"a"`: "", `[1]`: "",
		`{"a":1]`: "a", `{"a":[1}`: "a", `{"a":1}{"b":2}`: "a",
	} {
		keys := ""
		for o := openObject([]byte(text)); o.next(); o.value() {
			keys += string(o.key)
		}
		if keys != want {
			t.Errorf("%s: %s, want %s", text, keys, want)
		}
	}
	for raw, want := range map[string]string{`"`: "", ``: "", `"a`: "", `a"`: "", `""`: "", `"\q"`: "", `"a"`: "a", `"\u00"`: ""} {
		if got := text([]byte(raw)); got != want {
			t.Errorf("%s: %q, want %q", raw, got, want)
		}
	}
}
