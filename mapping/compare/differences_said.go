package compare

import (
	"slices"
	"strings"

	"go.opentelemetry.io/otel/attribute"

	"github.com/lambdaxray/lambdaxray/mapping"
)

// said: what a span says to X-Ray by attributes that awsxrayexporter does not know.
var said = []Intended{
	{
		Name:   "flags that the span says",
		What:   "aws.xray.error, .fault and .throttle decide the flags, and are not metadata",
		Reason: "a span's status has no word for a client's error",
		Match: func(d Difference) bool {
			if d.attr("aws.xray.error")+d.attr("aws.xray.fault")+d.attr("aws.xray.throttle") == "" {
				return false
			}
			return d.is("error", "fault", "throttle") || d.is("metadata/default/aws.xray.error", "metadata/default/aws.xray.fault", "metadata/default/aws.xray.throttle") && d.Ours == ""
		},
	},
	{
		Name:   "namespace that the span says",
		What:   "aws.xray.namespace decides whether a subsegment is a node, and is not metadata",
		Reason: "the kind of a span is fixed at its start",
		Match: func(d Difference) bool {
			return d.attr("aws.xray.namespace") != "" && (d.is("namespace", "name") || d.Path == "metadata/default/aws.xray.namespace" && d.Ours == "")
		},
	},
	{
		Name:   "an exception that was one of a document",
		What:   "cause, skipped, truncated, remote and the frames of an exception are those of the document that awsxrayreceiver read; there remote on every call, and no frames",
		Reason: "the frames' form is awsxrayreceiver's own, whatever the language",
		Match: func(d Difference) bool {
			return d.event("aws.xray.exception.id") && d.under("cause/exceptions/") &&
				(d.Theirs == "" && (slices.Contains([]string{"cause", "skipped", "truncated"}, d.key()) || strings.Contains(d.Path, "/stack/")) || d.key() == "remote" && d.Ours == "")
		},
	},
	{
		Name:   "a cause that is an id",
		What:   "a status message that awsxrayreceiver made of an exception's id is the cause; there the message of an exception",
		Reason: "the exception is another subsegment's",
		Match: func(d Difference) bool {
			return d.ofXRay() && (d.Path == "cause" && d.Theirs == "" || d.under("cause/exceptions/0/") && d.Ours == "" && d.TheirRecord["cause/exceptions/0/message"] == d.OurRecord["cause"])
		},
	},
	{
		Name:   "a resource of awsxrayreceiver",
		What:   "blocks of ECS and Elastic Beanstalk though no platform is named, and the SDK's own name; there X-Ray for Go for Go",
		Reason: "awsxrayreceiver leaves the platform out and the attributes in",
		Match: func(d Difference) bool {
			return d.ofXRay() && (d.Theirs == "" && d.resource("cloud.platform") == "" && d.under("aws/ecs/", "aws/elastic_beanstalk/") || d.Path == "aws/xray/sdk")
		},
	},
}

// ofXRay reports whether the span was an X-Ray SDK's document.
func (d Difference) ofXRay() bool {
	return strings.HasPrefix(d.resource("telemetry.sdk.name"), "X-Ray")
}

// event reports whether an event of the span has an attribute with the key.
func (d Difference) event(key attribute.Key) bool {
	return d.Span.Span != nil && slices.ContainsFunc(d.Span.Events, func(e mapping.Event) bool {
		return slices.ContainsFunc(e.Attributes, func(kv attribute.KeyValue) bool { return kv.Key == key })
	})
}

// secrets: what does not go out.
var secrets = []Intended{
	{
		Name:   "credentials in headers",
		What:   "the value of a header that carries credentials is REDACTED",
		Reason: "who reads traces is not to have the users' sessions",
		Match: func(d Difference) bool {
			return d.Ours == `"REDACTED"` && (strings.Contains(d.Path, "/http.request.header") || strings.Contains(d.Path, "/http.response.header") || strings.Contains(d.Path, "/rpc.grpc.request.metadata."))
		},
	},
	{
		Name:   "URLs in messages",
		What:   "a URL in the message of an error has neither userinfo nor query",
		Reason: "Go's *url.Error has the whole URL in it",
		Match: func(d Difference) bool {
			return strings.HasPrefix(d.Path, "cause/exceptions/") && strings.HasSuffix(d.Path, "/message") && strings.Contains(d.Theirs, "://") && d.Ours != "" && len(d.Ours) < len(d.Theirs)
		},
	},
	{
		Name:   "literals of SQL",
		What:   "strings and numbers in a query are ?, of any database's language",
		Reason: "they are what a user has typed",
		Match: func(d Difference) bool {
			key := d.key()
			if d.Path == "sql/sanitized_query" {
				return strings.Contains(d.Ours, "?") && leftOf(d.Ours, d.Theirs)
			}
			if key != "db.statement" && key != "db.query.text" {
				return false
			}
			return strings.Contains(d.Ours, "?") || d.Ours == "" && (strings.Contains(d.OurRecord["sql/sanitized_query"], "?") || d.OurRecord["sql/sanitized_query"] == d.Theirs)
		},
	},
	{
		Name:   "credentials and queries of places",
		What:   "hosts, peers and destinations have no userinfo, url.original no query, and url.fragment is not there",
		Reason: "secrets travel in them",
		Match: func(d Difference) bool {
			switch d.key() {
			case "url.fragment":
				return d.Ours == ""
			case "url.original":
				return d.Ours != "" && strings.HasPrefix(d.Theirs, strings.TrimSuffix(d.Ours, `"`)+"?")
			case "server.address", "peer.service", "messaging.destination.name":
				return strings.Contains(d.Theirs, "@") && !strings.Contains(d.Ours, "@")
			}
			return false
		},
	},
	{
		Name:   "secrets in texts",
		What:   "userinfo and query of a URL, a connection string's user and what is called password or token are not in a span's name, status, attribute of any key, nor in the resource",
		Reason: "secrets travel in them",
		Match: func(d Difference) bool {
			theirs := d.Theirs
			switch {
			case d.Path == "metadata/default/otel.span.name":
				theirs = jsonString(d.Span.Name)
			case d.Path == "metadata/default/otel.status_description":
				theirs = jsonString(d.Span.StatusMessage)
			}
			ours := d.Ours
			if key, ok := strings.CutPrefix(d.Path, "metadata/default/otel.resource."); ok && ours == "" {
				ours = d.OurRecord["metadata/otel.resource/"+key]
			}
			message := strings.HasPrefix(d.Path, "cause/exceptions/") && strings.HasSuffix(d.Path, "/message")
			return (message || d.under("metadata/default/")) && ours != "" && ours != theirs && leftOf(ours, theirs)
		},
	},
}

// leftOf reports whether ours is what is left of theirs when parts of it are taken out
// or replaced by a mark.
func leftOf(ours, theirs string) bool {
	ours = strings.NewReplacer("REDACTED", "", "?", "").Replace(ours)
	for i := range len(ours) {
		n := strings.IndexByte(theirs, ours[i])
		if n < 0 {
			return false
		}
		theirs = theirs[n+1:]
	}
	return true
}
