package compare

import (
	"strings"
)

// annotations: what X-Ray indexes.
var annotations = []Intended{
	{
		Name:   "ColdStart and Service",
		What:   "a function span is annotated with ColdStart and Service",
		Reason: "Powertools' annotations, which dashboards filter by",
		Match: func(d Difference) bool {
			return d.is("annotations/ColdStart", "annotations/Service") && d.Theirs == ""
		},
	},
	{
		Name:   "annotation keys",
		What:   "keys have at most 500 characters; there any number",
		Reason: "X-Ray indexes no others",
		Match: func(d Difference) bool {
			key, ok := strings.CutPrefix(d.Path, "annotations/")
			switch {
			case !ok:
				return false
			case d.Ours == "":
				return indexable(key) != key && d.OurRecord["annotations/"+indexable(key)] != ""
			case d.Theirs == "":
				return d.hasTheirs(func(k string) bool { return k != key && indexable(k) == key })
			}
			return false
		},
	},
	{
		Name:   "annotation key taken",
		What:   "of attributes that become one key the first is the annotation, the others are metadata",
		Reason: "one would overwrite the other",
		Match: func(d Difference) bool {
			key, ok := strings.CutPrefix(d.Path, "annotations/")
			if ok && d.Ours != "" && d.Theirs != "" {
				return d.OurRecord["metadata/default/"+key] == d.Theirs
			}
			key, ok = strings.CutPrefix(d.Path, "metadata/default/")
			return ok && d.TheirRecord["annotations/"+key] == d.Ours && d.hasTheirs(func(k string) bool { return k != key && indexable(k) == key })
		},
	},
	{
		Name:   "long annotations",
		What:   "a value is cut at 1000 characters and whole in metadata; there it is left as it is",
		Reason: "X-Ray drops what is longer",
		Match: func(d Difference) bool {
			if key, ok := strings.CutPrefix(d.Path, "metadata/default/"); ok {
				return d.Ours == d.TheirRecord["annotations/"+key] && len([]rune(d.Ours)) > 1000
			}
			return d.under("annotations/") && len(d.Theirs) > len(d.Ours) && strings.HasPrefix(d.Theirs, strings.TrimSuffix(d.Ours, `"`)) && len([]rune(d.Ours)) > 900
		},
	},
	{
		Name:   "50 annotations",
		What:   "a document has at most 50; the others are metadata",
		Reason: "X-Ray indexes 50 a trace",
		Match: func(d Difference) bool {
			if key, ok := strings.CutPrefix(d.Path, "metadata/default/"); ok {
				return d.Ours == d.TheirRecord["annotations/"+key] && d.count("annotations/") > 25
			}
			key, ok := strings.CutPrefix(d.Path, "annotations/")
			return ok && d.Theirs == d.OurRecord["metadata/default/"+key] && d.count("annotations/") > 25
		},
	},
	{
		Name:   "everything indexed",
		What:   "index_all_attributes makes annotations of what no field holds; there of fields' attributes as well",
		Reason: "50 annotations a trace are soon used up, and each of these is in the same document elsewhere",
		Match: func(d Difference) bool {
			key, ok := strings.CutPrefix(d.Path, "annotations/")
			return ok && d.Ours == "" && d.holds(strings.TrimPrefix(key, "otel.resource."), d.Theirs)
		},
	},
	{
		Name:   "lists beside annotations",
		What:   "what cannot be an annotation stays metadata when everything is indexed; there it vanishes",
		Reason: "nothing is dropped in silence",
		Match: func(d Difference) bool {
			return d.under("metadata/") && d.Theirs == "" && strings.HasPrefix(d.Ours, "[") && d.count("annotations/") > 0 && d.attr(d.key()) != ""
		},
	},
	{
		Name:   "the span's list in aws.xray.annotations",
		What:   "the list is obeyed as a list and as comma-separated text, and is not metadata itself",
		Reason: "instrumentations write both",
		Match: func(d Difference) bool {
			if d.key() == "aws.xray.annotations" {
				return d.Ours == ""
			}
			return d.under("annotations/") && d.Theirs == "" && strings.Contains(d.attr("aws.xray.annotations"), d.key()) || d.under("metadata/default/") && d.Ours == "" && strings.Contains(d.attr("aws.xray.annotations"), d.key())
		},
	},
}

// metadata: everything else.
var metadata = []Intended{
	{
		Name:   "resource",
		What:   "the resource's attributes are in a namespace of their own, otel.resource, on the function span as on segments; there in default with a prefix, on segments",
		Reason: "half the keys, and default is the user's",
		Match: func(d Difference) bool {
			if key, ok := strings.CutPrefix(d.Path, "metadata/otel.resource/"); ok {
				return d.Theirs == "" && (d.TheirRecord["metadata/default/otel.resource."+key] == d.Ours || d.resource(key) != "")
			}
			key, ok := strings.CutPrefix(d.Path, "metadata/default/otel.resource.")
			return ok && d.Ours == "" && (d.OurRecord["metadata/otel.resource/"+key] == d.Theirs || d.OurRecord.has(d.Theirs) || d.OurRecord["type"] == subsegment)
		},
	},
	{
		Name:   "scope",
		What:   "the instrumentation scope is metadata where it differs from the parent's; there lost",
		Reason: "nothing is dropped in silence",
		Match: func(d Difference) bool {
			return d.Path == "metadata/default/otel.scope.name" && d.Ours == jsonString(d.Span.ScopeName) ||
				d.Path == "metadata/default/otel.scope.version" && d.Ours == jsonString(d.Span.ScopeVersion)
		},
	},
	{
		Name:   "events",
		What:   "events that are no exceptions are metadata, with their time; there lost",
		Reason: "nothing is dropped in silence",
		Match: func(d Difference) bool {
			return d.Path == "metadata/default/otel.events" && d.Theirs == "" && len(d.Span.Events) > 0
		},
	},
	{
		Name:   "counts of what was dropped",
		What:   "what the producer's limits left out is counted in metadata",
		Reason: "nothing is dropped in silence",
		Match: func(d Difference) bool {
			return strings.HasPrefix(d.Path, "metadata/default/otel.dropped_") && strings.HasSuffix(d.Path, "_count") && d.Theirs == ""
		},
	},
	{
		Name:   "end before the start",
		What:   "a span that ends before it starts ends where it starts, its own end is metadata",
		Reason: "X-Ray refuses the document",
		Match: func(d Difference) bool {
			return d.is("end_time", "metadata/default/otel.end_time") && d.Span.EndTime < d.Span.StartTime && d.Span.EndTime != 0
		},
	},
	{
		Name:   "attributes no field holds",
		What:   "an attribute that is used in no field is metadata; there lost",
		Reason: "nothing is dropped in silence",
		Match: func(d Difference) bool {
			return d.under("metadata/default/") && d.Theirs == "" && d.attr(d.key()) != "" && !d.annotated()
		},
	},
	{
		Name:   "tracestate",
		What:   "the span's tracestate is metadata; there lost",
		Reason: "nothing is dropped in silence",
		Match:  func(d Difference) bool { return d.Path == "metadata/default/otel.trace_state" && d.Theirs == "" },
	},
	{
		Name:   "numbers of JSON",
		What:   "JSON in aws.xray.metadata.<ns> keeps the spelling of its numbers; there they are read and written",
		Reason: "a number is not ours to round",
		Match: func(d Difference) bool {
			return d.under("metadata/ns/") && d.attr("aws.xray.metadata.ns") != "" && strings.ReplaceAll(d.Ours, "0", "") == strings.ReplaceAll(d.Theirs, "0", "")
		},
	},
	{
		Name:   "the segment's name",
		What:   "aws.local.service of a call that gets a segment made for it is that segment's name; there metadata too",
		Reason: "each attribute lands once",
		Match: func(d Difference) bool {
			return d.Path == "metadata/default/aws.local.service" && d.Ours == "" && d.attr("aws.span.kind") == "LOCAL_ROOT"
		},
	},
	{
		Name:   "what a resource's field holds",
		What:   "an account that is a number is aws.account_id, the first image tag service.version; there metadata too",
		Reason: "each attribute lands once",
		Match: func(d Difference) bool {
			switch d.Path {
			case "metadata/default/otel.resource.container.image.tags":
				return d.Ours == "" && d.OurRecord["service/version"] != ""
			case "metadata/default/otel.resource.cloud.account.id":
				return d.Ours == "" && d.OurRecord["aws/account_id"] == `"`+d.Theirs+`"`
			}
			return false
		},
	},
	{
		Name:   "attributes a field holds",
		What:   "an attribute that a field holds is nowhere else; there metadata",
		Reason: "each attribute lands once",
		Match: func(d Difference) bool {
			return d.under("metadata/default/") && d.Ours == "" && d.holds(d.key(), d.Theirs)
		},
	},
	{
		Name:   "trimmed to the budget",
		What:   "a document above the budget loses frames, metadata and text, and says how much; there it is sent as it is",
		Reason: "X-Ray refuses documents above 64 KB",
		Match: func(d Difference) bool {
			return d.OurRecord.hasPath("metadata/default/lambdaxray.") || strings.HasPrefix(d.Path, "metadata/default/lambdaxray.")
		},
	},
}
