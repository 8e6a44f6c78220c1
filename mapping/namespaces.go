package mapping

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"go.opentelemetry.io/otel/attribute"

	"github.com/lambdaxray/lambdaxray/mapping/internal/jsonenc"
)

// isNamespace reports whether attribute i fills a metadata namespace of its
// own. aws.xray.metadata.<ns> does if its value is a JSON object; anything else
// is kept in default under the attribute's whole key, and so are the namespaces
// that X-Ray reserves and those the mapper writes itself.
func (e *encoder) isNamespace(i int) bool {
	kv := &e.fields.attrs[i]
	ns, ok := strings.CutPrefix(string(kv.Key), metadataPrefix)
	return ok && kv.Value.Type() == attribute.STRING && ns != "" && ns != "default" &&
		!strings.HasPrefix(ns, "AWS.") && !strings.HasPrefix(ns, "otel.") &&
		isJSONObject(kv.Value.AsString())
}

func isJSONObject(text string) bool {
	return strings.HasPrefix(strings.TrimLeft(text, " \t\r\n"), "{") && json.Valid([]byte(text))
}

// appendNamespaces writes the aws.xray.metadata.<ns> attributes.
func (e *encoder) appendNamespaces(dst []byte) []byte {
	for i := range e.fields.attrs {
		if e.fields.spent[i] || !e.isNamespace(i) {
			continue
		}
		kv := &e.fields.attrs[i]
		mark := len(dst)
		dst = jsonenc.AppendString(jsonenc.AppendComma(dst), string(kv.Key[len(metadataPrefix):]))
		dst = appendJSON(append(dst, ':'), kv.Value.AsString())
		dst = e.trim.keep(dst, mark, member{memberAttribute, i})
	}
	return dst
}

// appendDefault merges the members of aws.xray.metadata.default into default. If
// the attribute is another one, no JSON object, or has a key that an attribute
// has, it is kept as it came.
func (e *encoder) appendDefault(dst []byte, i int) []byte {
	members := e.defaultMembers(i)
	if members == nil {
		return appendMember(dst, &e.fields.attrs[i])
	}
	for _, key := range slices.Sorted(maps.Keys(members)) {
		dst = jsonenc.AppendString(jsonenc.AppendComma(dst), key)
		dst = appendJSON(append(dst, ':'), string(members[key]))
	}
	return dst
}

// defaultMembers returns what attribute i merges into default, nil if nothing.
func (e *encoder) defaultMembers(i int) map[string]json.RawMessage {
	kv := &e.fields.attrs[i]
	if kv.Key != metadataPrefix+"default" || kv.Value.Type() != attribute.STRING {
		return nil
	}
	var members map[string]json.RawMessage
	if json.Unmarshal([]byte(kv.Value.AsString()), &members) != nil || len(members) == 0 {
		return nil
	}
	for j := range e.fields.attrs {
		if _, ok := members[string(e.fields.attrs[j].Key)]; ok && !e.fields.spent[j] {
			return nil
		}
	}
	for key := range members {
		if strings.HasPrefix(key, "AWS.") || strings.HasPrefix(key, "otel.") || strings.HasPrefix(key, "lambdaxray.") {
			return nil
		}
	}
	return members
}
