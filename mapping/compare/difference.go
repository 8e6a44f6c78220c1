package compare

import (
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"
)

// indexable is an annotation's key as X-Ray indexes it.
func indexable(key string) string {
	return string(notInKey.ReplaceAll([]byte(key[:min(len(key), 500)]), []byte("_")))
}

var notInKey = regexp.MustCompile(`[^a-zA-Z0-9_.]`)

const (
	subsegment = `"subsegment"`
	aws        = `"aws"`
)

// is reports whether the leaf is one of paths.
func (d Difference) is(paths ...string) bool { return slices.Contains(paths, d.Path) }

// under reports whether the leaf's path begins with one of prefixes.
func (d Difference) under(prefixes ...string) bool {
	return slices.ContainsFunc(prefixes, func(p string) bool { return strings.HasPrefix(d.Path, p) })
}

func (d Difference) kind(k trace.SpanKind) bool { return d.Span.Span != nil && d.Span.Kind == k }

func (d Difference) server() bool {
	return d.kind(trace.SpanKindServer) || d.kind(trace.SpanKindConsumer)
}

// calling reports whether the span is the calling side of a request.
func (d Difference) calling() bool {
	return d.kind(trace.SpanKindClient) || d.kind(trace.SpanKindProducer)
}

// failure is the text of the span's errors.
func (d Difference) failure() string {
	if d.Span.Span == nil {
		return ""
	}
	text := d.Span.StatusMessage
	for _, e := range d.Span.Events {
		for _, kv := range e.Attributes {
			if kv.Key == "exception.message" {
				text += "\n" + kv.Value.AsString()
			}
		}
	}
	return text
}

// lambda reports whether the span is of a Lambda function.
func (d Difference) lambda() bool {
	return d.resource("faas.name") != "" || d.resource("cloud.platform") == "aws_lambda"
}

// attr is the span's attribute as text, "" if there is none.
func (d Difference) attr(key string) string {
	if d.Span.Span == nil {
		return ""
	}
	for _, kv := range d.Span.Attributes {
		if string(kv.Key) == key {
			return kv.Value.String()
		}
	}
	return ""
}

// resource is the resource's attribute as text.
func (d Difference) resource(key string) string { return d.Span.Resource[key] }

// key is the last part of the path.
func (d Difference) key() string { return d.Path[strings.LastIndexByte(d.Path, '/')+1:] }

func (d Difference) hasTheirs(match func(annotation string) bool) bool {
	for path := range d.TheirRecord {
		if k, ok := strings.CutPrefix(path, "annotations/"); ok && match(k) {
			return true
		}
	}
	return false
}

// count is the number of our leaves with a prefix.
func (d Difference) count(prefix string) int {
	n := 0
	for path := range d.OurRecord {
		if strings.HasPrefix(path, prefix) {
			n++
		}
	}
	return n
}

// annotated reports whether the other side has the leaf's value as annotation.
func (d Difference) annotated() bool { return d.TheirRecord["annotations/"+d.key()] == d.Ours }

// spent are attributes that say what kind of call it was: they end as namespace
// and name, not as their own text.
var spent = []string{"rpc.system", "rpc.system.name", "db.system", "db.system.name", "messaging.system", "aws.service", "aws.remote.service", "rpc.service", "gen_ai.provider.name", "faas.invoked_provider", "aws.xray.traced"}

// holds reports whether our record has an attribute's value in a field.
func (d Difference) holds(key, value string) bool {
	return slices.Contains(spent, key) || key == "faas.coldstart" && d.OurRecord["annotations/ColdStart"] == value || d.OurRecord.has(value)
}

// has reports whether a leaf is value, or a text that contains it, or its only
// element.
func (r Record) has(value string) bool {
	value = strings.TrimSuffix(strings.TrimPrefix(value, "["), "]")
	bare := strings.Trim(value, `"`)
	asName := jsonString(illegal.ReplaceAllString(bare, ""))
	for path, v := range r {
		if v == value || path == "name" && v == asName || path != "id" && strings.HasPrefix(value, `"`) && bare != "" && strings.Contains(v, bare) {
			return true
		}
	}
	return false
}

func (r Record) hasPath(prefix string) bool {
	for path := range r {
		if strings.HasPrefix(path, prefix) {
			return true
		}
	}
	return false
}

func number(s string) float64 {
	f, err := strconv.ParseFloat(s, 64)
	if err != nil {
		return math.NaN()
	}
	return f
}

func notFinite(v attribute.Value) bool {
	switch v.Type() {
	case attribute.FLOAT64:
		return math.IsNaN(v.AsFloat64()) || math.IsInf(v.AsFloat64(), 0)
	case attribute.FLOAT64SLICE:
		return slices.ContainsFunc(v.AsFloat64Slice(), func(f float64) bool { return math.IsNaN(f) || math.IsInf(f, 0) })
	}
	return false
}

// illegal is what X-Ray refuses in a name, from AWS's schema.
var illegal = regexp.MustCompile(`[^\p{L}\p{N}\p{Z}_.:/%&#=+\-@]|[\x{10000}-\x{10FFFF}]`)

func legal(name string) bool {
	return name != "" && len([]rune(name)) <= 200 && !illegal.MatchString(name)
}

// fold is a name without what the two sides treat differently.
func fold(name string) string {
	return regexp.MustCompile(`[\s\p{N}]`).ReplaceAllString(name, "")
}
