package mapping

import (
	"bytes"
	"encoding/json"
	"strings"

	"github.com/lambdaxray/lambdaxray/mapping/internal/jsonenc"
)

// appendJSON writes valid JSON without white space. Of a key that an object has twice
// the last counts, as everywhere: which one X-Ray takes is not defined.
func appendJSON(dst []byte, text string) []byte {
	if !repeatsKey(text) {
		return jsonenc.AppendCompact(dst, text)
	}
	dec := json.NewDecoder(strings.NewReader(text))
	dec.UseNumber()
	var v any
	if dec.Decode(&v) != nil {
		return append(dst, "null"...) // the caller has found it valid
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if enc.Encode(v) != nil {
		return append(dst, "null"...)
	}
	return append(dst, bytes.TrimSuffix(b.Bytes(), []byte("\n"))...)
}

// repeatsKey reports whether an object in valid JSON has a key twice.
func repeatsKey(text string) bool {
	type level struct {
		keys  map[string]bool // of an object; nil in a list
		value bool            // a value comes next, not a key
	}
	var levels []level
	dec := json.NewDecoder(strings.NewReader(text))
	dec.UseNumber()
	for {
		token, err := dec.Token()
		if err != nil {
			return false
		}
		switch top := len(levels) - 1; token {
		case json.Delim('}'), json.Delim(']'):
			levels = levels[:top]
		default:
			if top < 0 || levels[top].keys == nil {
				break
			}
			if levels[top].value {
				levels[top].value = false
				break
			}
			key := token.(string) // the decoder allows nothing else
			if levels[top].keys[key] {
				return true
			}
			levels[top].keys[key], levels[top].value = true, true
		}
		switch token {
		case json.Delim('{'):
			levels = append(levels, level{keys: map[string]bool{}})
		case json.Delim('['):
			levels = append(levels, level{})
		}
	}
}
