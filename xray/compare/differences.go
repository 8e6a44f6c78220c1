package compare

import (
	"slices"
	"strings"
)

// Intended is one way in which the documents are meant to differ from the SDK's.
type Intended struct {
	Name   string
	What   string // what is in ours, and in the SDK's
	Reason string
	Match  func(Difference) bool
}

// Find returns the first entry that d matches, nil if none does.
func Find(d Difference) *Intended {
	for i := range Differences {
		if Differences[i].Match(d) {
			return &Differences[i]
		}
	}
	return nil
}

// field is what the path has behind the node: annotations/items.
func (d Difference) field() string {
	return d.Path[strings.LastIndexByte(d.Path, '|')+1:]
}

// is reports whether the leaf is one of fields.
func (d Difference) is(fields ...string) bool { return slices.Contains(fields, d.field()) }

// under reports whether the leaf is beneath one of fields.
func (d Difference) under(fields ...string) bool {
	return slices.ContainsFunc(fields, func(f string) bool { return strings.HasPrefix(d.field(), f+"/") })
}

// added and gone report whether one side alone has the leaf.
func (d Difference) added() bool { return d.SDK == "" }
func (d Difference) gone() bool  { return d.Ours == "" }

// Differences is the list, most particular first.
var Differences = []Intended{
	{
		Name:   "Dummy",
		What:   `no "Dummy":false`,
		Reason: "it is a field of the SDK that has leaked into its documents",
		Match:  func(d Difference) bool { return d.is("Dummy") && d.SDK == "false" && d.gone() },
	},
	{
		Name:   "who made it",
		What:   "aws.xray names OpenTelemetry's SDK, and metadata the library of the spans; there X-Ray's SDK",
		Reason: "it is what made the spans",
		Match: func(d Difference) bool {
			return d.under("aws/xray") || d.is("metadata/default/otel.scope.name") && d.added()
		},
	},
	{
		Name:   "runtime",
		What:   "no service.runtime and runtime_version",
		Reason: "no part of X-Ray looks at them",
		Match:  func(d Difference) bool { return d.is("service/runtime", "service/runtime_version") && d.gone() },
	},
	{
		Name:   "working directory",
		What:   "no cause.working_directory",
		Reason: "it is the same for every error of a process",
		Match:  func(d Difference) bool { return d.is("cause/working_directory") && d.gone() },
	},
	{
		Name:   "legal names",
		What:   "a name has X-Ray's characters only, and metadata the span's own name; there the name is as it was given",
		Reason: "X-Ray refuses a document with another name",
		Match: func(d Difference) bool {
			return d.is("name") && strings.ContainsAny(d.SDK, "(){}!?") && !d.gone() ||
				d.is("metadata/default/otel.span.name", "metadata/default/aws.local.service") && d.added()
		},
	},
	{
		Name:   "one spelling of a service",
		What:   "DynamoDB and SQS whatever the SDK writes; there dynamodb from aws-sdk-go v1",
		Reason: "two spellings are two types of node",
		Match: func(d Difference) bool {
			return d.is("name") && !d.gone() && strings.EqualFold(d.SDK, d.Ours)
		},
	},
	{
		Name:   "annotation keys",
		What:   "a key has letters, digits and underscores; there it is as it was given",
		Reason: "X-Ray drops an annotation with another key",
		Match: func(d Difference) bool {
			return d.under("annotations") && (d.added() && strings.Contains(d.field(), "_") || d.gone() && strings.Contains(d.field(), "-"))
		},
	},
	{
		Name:   "whole stacks",
		What:   "a stack begins where Close, AddError or CloseAndStream was called; there it lacks that function, and its 32 frames are in part the SDK's",
		Reason: "where it was called is what one wants to know",
		Match: func(d Difference) bool {
			sdk, ours := strings.TrimSuffix(d.SDK, "…"), strings.TrimSuffix(d.Ours, "…")
			return strings.HasSuffix(d.field(), "/stack") && (strings.HasSuffix(ours, sdk) || strings.HasPrefix(ours, sdk) || strings.HasPrefix(sdk, ours))
		},
	},
	{
		Name:   "remote exceptions",
		What:   "exceptions of calls are remote; there those of aws-sdk-go v1 that have a request id, wherever they are",
		Reason: "it is the other side that failed, whichever library called it",
		Match: func(d Difference) bool {
			return strings.HasSuffix(d.field(), "/remote") && (d.gone() || d.added())
		},
	},
	{
		Name:   "one node a call",
		What:   "the HTTP request of an AWS call has no namespace; there it is a second node",
		Reason: "one request, one node",
		Match: func(d Difference) bool {
			return d.is("namespace") && d.SDK == `"remote"` && d.gone() && strings.Contains(d.Path, "/route 53/")
		},
	},
	{
		Name:   "last attempt",
		What:   "error, fault and throttle are those of the last attempt, and retries says that there were others; there flags of every attempt stay",
		Reason: "a call that succeeded is no fault",
		Match: func(d Difference) bool {
			return d.Program == "awsv2retry" && (d.is("aws/retries") && d.added() || d.is("fault") && d.gone())
		},
	},
	{
		Name:   "a throttled call is an error",
		What:   "error with throttle; there throttle alone from gRPC and aws-sdk-go v1",
		Reason: "X-Ray counts throttles among the errors",
		Match: func(d Difference) bool {
			return d.is("error") && d.added() && d.Ours == "true" && (d.Program == "grpc" || d.Program == "awsv1error")
		},
	},
	{
		Name:   "userinfo",
		What:   "no user in a URL; there the user without the password",
		Reason: "it is a credential",
		Match: func(d Difference) bool {
			return d.is("http/request/url") && strings.Contains(d.SDK, "user:***@") && !strings.Contains(d.Ours, "@")
		},
	},
	{
		Name:   "the connection's address",
		What:   "metadata has the address of the connection where a header names the client",
		Reason: "nothing is lost",
		Match:  func(d Difference) bool { return d.is("metadata/default/network.peer.address") && d.added() },
	},
	{
		Name:   "the place of a database",
		What:   "sql has host, port and database of a DSN of whatever form; there its user and parameters too",
		Reason: "what is not known to name the place may be a secret",
		Match: func(d Difference) bool {
			return d.is("sql/connection_string") && !strings.Contains(d.Ours, "user") || d.is("sql/url") && d.Ours != ""
		},
	},
	{
		Name:   "values in a query",
		What:   "numbers and texts in a query are ?; there the query is as it was",
		Reason: "it is called sanitized, and a value may be a secret",
		Match: func(d Difference) bool {
			return d.is("sql/sanitized_query") && strings.Contains(d.Ours, "?") && !strings.Contains(d.SDK, "?")
		},
	},
	{
		Name:   "the kind of a database",
		What:   "database_type is the conventions' name: postgresql; there Postgres",
		Reason: "one name whichever library made the span",
		Match:  func(d Difference) bool { return d.is("sql/database_type") && d.SDK == `"Postgres"` },
	},
	{
		Name:   "versions of a database",
		What:   "version, driver and preparation are metadata; there in sql",
		Reason: "OpenTelemetry's conventions have no attributes for them",
		Match: func(d Difference) bool {
			return d.is("sql/database_version", "sql/driver_version", "sql/preparation") && d.gone() ||
				d.is("metadata/default/db.version", "metadata/default/db.driver", "metadata/default/db.preparation") && d.added()
		},
	},
	{
		Name:   "no segment in a function",
		What:   "BeginSegment and Handler in a function make a subsegment of the invocation; there a segment, and with BeginSegment a trace of its own",
		Reason: "a second segment is a second node, and Lambda writes the first",
		Match: func(d Difference) bool {
			return (d.Program == "lambdasegment" || d.Program == "lambdarouter") && d.is("type", "parent_id") && d.added()
		},
	},
	{
		Name:   "a function's annotations and resource",
		What:   "the subsegment of a request in a function has ColdStart, Service, and the resource in metadata",
		Reason: "it is a function span",
		Match: func(d Difference) bool {
			return d.Program == "lambdarouter" && d.added() && (d.is("annotations/ColdStart", "annotations/Service") || d.under("metadata/otel.resource"))
		},
	},
	{
		Name:   "resource",
		What:   "metadata has what the resource says beside the typed fields",
		Reason: "nothing is lost",
		Match: func(d Difference) bool {
			return d.Program == "plugin" && d.under("metadata/otel.resource") && d.added()
		},
	},
	{
		Name:   "errors in metadata",
		What:   "an error is its text; there {}",
		Reason: "it is what one wants to see",
		Match:  func(d Difference) bool { return d.is("metadata/default/error") && d.Ours == `"text"` },
	},
	{
		Name:   "parameters without a value",
		What:   "a parameter that was not set is not there; there null",
		Reason: "it says nothing",
		Match:  func(d Difference) bool { return d.under("aws") && d.SDK == "null" && d.gone() },
	},
}
