package mapping

import (
	"bytes"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"go.opentelemetry.io/otel/attribute"

	"github.com/lambdaxray/lambdaxray/mapping/internal/jsonenc"
)

// findWanted marks the attributes that are to be annotations by name: by the
// span's own list or by option.
func (e *encoder) findWanted() {
	f := &e.fields
	e.wanted = e.wanted[:0]
	if v := f.value(slotAnnotations); v != nil {
		if e.wanted = appendListStrings(e.wanted, v); len(e.wanted) > 0 {
			f.spend(slotAnnotations)
		}
		if len(e.wanted) > fewWanted {
			slices.Sort(e.wanted)
		}
	}
	e.byName = len(e.wanted) > 0 || len(e.config.annotate) > 0
	if !e.byName {
		return
	}
	e.annotates = resize(e.annotates, len(f.attrs))
	for i := range f.attrs {
		key := string(f.attrs[i].Key)
		e.annotates[i] = !f.spent[i] && e.isWanted(key)
	}
}

// appendAnnotations writes the annotations: ColdStart and Service on a function
// span, then the attributes asked for. What does not fit (a list, an attribute
// whose key is spent, one above the document's limit) is left for metadata.
func (e *encoder) appendAnnotations(dst []byte) []byte {
	f := &e.fields
	e.keys = e.keys[:0]
	if e.trim != nil && e.trim.bare {
		return dst
	}
	if !e.function() && !e.byName && !e.config.annotateAll {
		return dst
	}
	dst, annotations := jsonenc.OpenObject(dst, "annotations")
	if e.function() {
		dst = e.appendFunctionAnnotations(dst)
	}
	if e.byName || e.config.annotateAll {
		for i := range f.attrs {
			if e.byName && e.annotates[i] || e.config.annotateAll && !f.spent[i] {
				dst = e.appendAnnotation(dst, i)
			}
		}
	}
	if (e.function() || e.segment()) && e.wantsResource() {
		dst = e.appendResourceAnnotations(dst)
	}
	return annotations.Close(dst)
}

// resourcePrefix is before the key of a resource's attribute where its annotation is
// asked for.
const resourcePrefix = "otel.resource."

// wantsResource reports whether any attribute of the resource may be asked for.
func (e *encoder) wantsResource() bool {
	if e.config.annotateAll || e.config.annotateResource {
		return true
	}
	for _, key := range e.wanted {
		if strings.HasPrefix(key, resourcePrefix) {
			return true
		}
	}
	return false
}

// appendResourceAnnotations writes the attributes of the resource that are asked for:
// by name, or with all others those that metadata would have.
func (e *encoder) appendResourceAnnotations(dst []byte) []byte {
	for i := range e.res.attrs {
		a := &e.res.attrs[i]
		all := e.config.annotateAll && (a.rest || e.role == roleFunction)
		if !all && !e.isWanted(a.annotation) {
			continue
		}
		var whole bool
		if dst, whole = e.appendAnnotationOf(dst, a.annotation, &a.kv.Value); whole {
			if !e.annotatesResource {
				e.annotatesResource = true
				e.resourceSpent = resize(e.resourceSpent, len(e.res.attrs))
				clear(e.resourceSpent)
			}
			e.resourceSpent[i] = true
		}
	}
	return dst
}

// isWanted reports whether the annotation of a key is asked for by name.
func (e *encoder) isWanted(key string) bool {
	if len(e.config.annotate) > 0 && e.config.annotate[key] {
		return true
	}
	if len(e.wanted) <= fewWanted {
		return slices.Contains(e.wanted, key)
	}
	_, wanted := slices.BinarySearch(e.wanted, key)
	return wanted
}

// fewWanted keys are compared one by one; more are sorted.
const fewWanted = 8

// appendAnnotationOf writes a value under a key, and reports whether all of it. Lists
// and maps are no annotations.
func (e *encoder) appendAnnotationOf(dst []byte, key string, v *attribute.Value) (_ []byte, whole bool) {
	switch v.Type() {
	case attribute.STRING, attribute.BOOL, attribute.INT64, attribute.FLOAT64:
	default:
		return dst, false
	}
	dst, ok := e.appendAnnotationKey(dst, key)
	switch {
	case !ok:
		return dst, false
	case v.Type() != attribute.STRING:
		return appendValue(dst, v), true
	}
	short := cut(v.AsString(), maxAnnotation)
	return jsonenc.AppendString(dst, e.trimText(short)), len(short) == len(v.AsString())
}

func (e *encoder) appendFunctionAnnotations(dst []byte) []byte {
	if cold, ok := e.fields.flag(slotColdStart); ok {
		if dst, ok = e.appendAnnotationKey(dst, "ColdStart"); ok {
			e.fields.spend(slotColdStart)
			dst = strconv.AppendBool(dst, cold)
		}
	}
	if s := e.res.service; s != "" {
		var ok bool
		if dst, ok = e.appendAnnotationKey(dst, "Service"); ok {
			dst = jsonenc.AppendString(dst, cut(s, maxAnnotation))
		}
	}
	return dst
}

// appendAnnotation writes attribute i. A string above the limit is cut; then
// metadata has the whole of it.
func (e *encoder) appendAnnotation(dst []byte, i int) []byte {
	kv := &e.fields.attrs[i]
	if isList(kv.Value.Type()) {
		return dst
	}
	public, ok := e.public(kv, int(e.fields.entries[i]))
	if !ok {
		return dst
	}
	mark := len(dst)
	dst, whole := e.appendAnnotationOf(dst, string(kv.Key), &public.Value)
	if len(dst) > mark {
		e.fields.spent[i] = whole
	}
	return dst
}

// maxKey is X-Ray's limit for an annotation key.
const maxKey = 500

// appendAnnotationKey writes "key": with X-Ray's characters only, the others as
// underscores. It reports false, and dst unchanged, if the document has no room
// or the span has written the same key.
func (e *encoder) appendAnnotationKey(dst []byte, key string) ([]byte, bool) {
	if e.annotated == maxAnnotations || key == "" {
		return dst, false
	}
	mark := len(dst)
	dst = append(jsonenc.AppendComma(dst), '"')
	start := len(dst)
	key = cut(key, maxKey)
	dst = appendLegalKey(dst, key)
	if len(dst) == start { // nothing but invalid UTF-8
		return dst[:mark], false
	}
	for _, k := range e.keys {
		if bytes.Equal(dst[k.start:k.end], dst[start:]) {
			return dst[:mark], false
		}
	}
	e.keys = append(e.keys, extent{start, len(dst)})
	e.annotated++
	return append(dst, '"', ':'), true
}

// appendLegalKey writes a key, one underscore for each character that X-Ray does not
// allow.
func appendLegalKey(dst []byte, key string) []byte {
	if isOnly(key, keyByte) { // nearly always
		return append(dst, key...)
	}
	for i := range len(key) {
		switch c := key[i]; {
		case classOf[c]&keyByte != 0:
			dst = append(dst, c)
		case utf8.RuneStart(c):
			dst = append(dst, '_')
		}
	}
	return dst
}

// extent is a part of the encoder's output.
type extent struct{ start, end int }
