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

// Intended is one way in which lambdaxray is meant to differ from
// awsxrayexporter.
type Intended struct {
	Name   string
	What   string // what lambdaxray does, and awsxrayexporter
	Reason string
	Match  func(Difference) bool
}

// Find returns the first entry that d matches, or nil.
func Find(list []Intended, d Difference) *Intended {
	for i := range list {
		if list[i].Match(d) {
			return &list[i]
		}
	}
	return nil
}

// Differences is the list, most particular first: a difference belongs to the
// first entry that matches it.
var Differences = slices.Concat(placement, identity, names, calls, faults, annotations, metadata)

// placement: which documents there are, and what only some of them carry.
var placement = []Intended{
	{
		Name:   "packed",
		What:   "subsegments are nested in their parent's document; there every span is a document of its own",
		Reason: "one datagram an invocation, and fewer calls",
		Match:  func(d Difference) bool { return d.Path == Nested && d.Ours == "true" },
	},
	{
		Name:   "function span",
		What:   "a function span beneath the platform's function segment is a subsegment; there a segment",
		Reason: "a second segment is a second Lambda node on the service map",
		Match: func(d Difference) bool {
			return d.Path == "type" && d.server() && d.lambda() && d.Ours == subsegment && d.Theirs == "" && d.OurRecord[Nested] == ""
		},
	},
	{
		Name:   "server below the function",
		What:   "a SERVER or CONSUMER span below the function span is a subsegment; there a segment",
		Reason: "a web framework or a message inside the function is not another service",
		Match: func(d Difference) bool {
			return d.Path == "type" && d.server() && d.lambda() && d.Ours == subsegment && d.Theirs == "" && d.OurRecord[Nested] != ""
		},
	},
	{
		Name:   "own function segment",
		What:   "a function segment has origin AWS::Lambda::Function, the function's ARN and its name as resource",
		Reason: "X-Ray knows a Lambda function by its origin",
		Match: func(d Difference) bool {
			return d.Theirs == "" && (d.Path == "origin" && d.Ours == `"AWS::Lambda::Function"` || d.OurRecord["origin"] == `"AWS::Lambda::Function"` && d.is("resource_arn", "aws/resource_names"))
		},
	},
	{
		Name:   "consumer of a function",
		What:   "the CONSUMER span of a Lambda function is the function span, even if it is marked as local root; there it becomes a segment and a dependency",
		Reason: "the queue's event invoked the function, which did not call the queue",
		Match: func(d Difference) bool {
			above := d.Path == "" && d.OurRecord == nil && strings.Contains(d.Key, "/above ") && d.TheirRecord["origin"] == ""
			return above || d.is("parent_id", "namespace", "aws/operation", "aws/queue_url") && d.lambda() && d.kind(trace.SpanKindConsumer) && d.attr("aws.span.kind") != ""
		},
	},
	{
		Name:   "cycle",
		What:   "the first span of a cycle of parents counts as parentless",
		Reason: "X-Ray cannot show a subsegment whose parent chain has no end",
		Match: func(d Difference) bool {
			return d.is("type", "parent_id") && d.Ours == "" && (d.Theirs == subsegment || d.Path == "parent_id") && !d.lambda()
		},
	},
	{
		Name:   "in progress",
		What:   "a span without an end is in_progress; there it ends in 1970",
		Reason: "a segment that ends before it starts is refused",
		Match: func(d Difference) bool {
			return d.is("in_progress", "end_time") && d.OurRecord["in_progress"] == "true" && d.Span.EndTime == 0
		},
	},
	{
		Name:   "superseded",
		What:   "of a span that comes both open and complete only the complete one is sent",
		Reason: "X-Ray keeps the last; two in one batch would leave that to chance",
		Match: func(d Difference) bool {
			return d.Path == "" && d.OurRecord == nil && strings.HasSuffix(d.Key, again) && d.TheirRecord.open() == 1
		},
	},
	{
		Name:   "same id twice",
		What:   "the second of two complete spans with one id gets a derived id; there both keep it",
		Reason: "X-Ray would let the second overwrite the first",
		Match: func(d Difference) bool {
			theirs := d.OurRecord == nil && strings.HasSuffix(d.Key, again) && d.TheirRecord.open() == 0
			ours := d.TheirRecord == nil && strings.Contains(d.Key, "/made up: ")
			return d.Path == "" && (theirs || ours)
		},
	},
	{
		Name:   "not a number",
		What:   "a span with NaN or an infinity in an attribute is kept, the value as a string; there the span is lost",
		Reason: "no attribute is worth a span",
		Match: func(d Difference) bool {
			return d.Path == "" && d.TheirRecord == nil && d.Span.Span != nil && slices.ContainsFunc(d.Span.Attributes, func(kv attribute.KeyValue) bool { return notFinite(kv.Value) })
		},
	},
	{
		Name:   "segment only",
		What:   "account, log groups, X-Ray SDK, EC2, origin and service.version are on segments only; there on every document",
		Reason: "the guide defines them for segments, and X-Ray reads them there",
		Match: func(d Difference) bool {
			return d.Ours == "" && d.OurRecord["type"] == subsegment &&
				(d.is("aws/account_id", "origin", "service/version") || d.under("aws/xray/", "aws/cloudwatch_logs", "aws/ec2/", "aws/ecs/", "aws/eks/", "aws/elastic_beanstalk/"))
		},
	},
	{
		Name:   "user",
		What:   "user is on segments only, and user.id is read as well; elsewhere the id is metadata",
		Reason: "the guide defines user for segments",
		Match: func(d Difference) bool {
			return d.Path == "user" || d.is("metadata/default/enduser.id", "metadata/default/user.id") && d.OurRecord["user"] != d.TheirRecord["user"]
		},
	},
	{
		Name:   "account and SDK everywhere",
		What:   "a segment has aws.account_id and aws.xray whatever the cloud is called, and the one made up for a local root too",
		Reason: "otelaws' and the SDKs' resources say less than the Collector's detector",
		Match: func(d Difference) bool {
			return (d.Path == "aws/account_id" || d.under("aws/xray/")) && d.Theirs == "" && (d.resource("cloud.provider") != "aws" || d.attr("cloud.account.id") != "" || strings.Contains(d.Key, "/above "))
		},
	},
	{
		Name:   "auto_instrumentation",
		What:   "aws.xray.auto_instrumentation is written when true",
		Reason: "smaller documents; absent means false",
		Match: func(d Difference) bool {
			return d.Path == "aws/xray/auto_instrumentation" && d.Ours == "" && d.Theirs == "false"
		},
	},
	{
		Name:   "span links",
		What:   "span links are links on segments, at most 20, and metadata on subsegments and above that; there always links",
		Reason: "X-Ray knows links on segments only",
		Match: func(d Difference) bool {
			return d.under("links/") && d.Ours == "" || d.Path == "metadata/default/otel.links" && d.Theirs == ""
		},
	},
}

// identity: ids and times.
var identity = []Intended{
	{
		Name:   "exact times",
		What:   "times are the span's nanoseconds; there rounded to a double",
		Reason: "order within a microsecond is kept, and formatting integers is cheap",
		Match: func(d Difference) bool {
			return d.is("start_time", "end_time") && math.Abs(number(d.Ours)-number(d.Theirs)) < 1e-6
		},
	},
	{
		Name:   "derived ids",
		What:   "ids of exceptions and of documents made up are derived from the span's; there random",
		Reason: "a retried export is byte-identical and overwrites instead of adding",
		Match: func(d Difference) bool {
			madeUp := d.Path == "id" && strings.Contains(d.Key, "/above ") || d.Path == "parent_id" && (d.attr("aws.span.kind") == "LOCAL_ROOT" || !d.Span.ParentSpanID.IsValid())
			both := d.Ours != "" && d.Theirs != ""
			return both && (madeUp || exceptionID.MatchString(d.Path))
		},
	},
}

var exceptionID = regexp.MustCompile(`^cause/exceptions/\d+/(id|cause)$`)

// names: what the document is called.
var names = []Intended{
	{
		Name:   "name of the AWS service",
		What:   "an AWS call is named after the service, from any convention: S3, DynamoDB, Secrets Manager",
		Reason: "X-Ray makes the node's type of it; other names make a node of their own",
		Match:  func(d Difference) bool { return d.Path == "name" && d.OurRecord["namespace"] == aws },
	},
	{
		Name:   "name of the remote",
		What:   "another call is named after what it called, from any convention: host, database@host, destination, RPC service; there often GET or the span's name",
		Reason: "each name is a node on the service map",
		Match:  func(d Difference) bool { return d.Path == "name" && d.OurRecord["namespace"] == `"remote"` },
	},
	{
		Name:   "name of a function span and what is below",
		What:   "a SERVER or CONSUMER span that is a subsegment keeps the span's name; there the service's or a database's",
		Reason: "the service's name is the segment's; the subsegment says what ran",
		Match: func(d Difference) bool {
			return d.Path == "name" && d.server() && d.OurRecord["type"] == subsegment && d.OurRecord["namespace"] == ""
		},
	},
	{
		Name:   "name of a segment",
		What:   "a segment is named after its service; there after the span if it is not a SERVER span",
		Reason: "a segment is the work of a service",
		Match: func(d Difference) bool {
			return d.Path == "name" && d.OurRecord["type"] == "" && d.Ours == jsonString(d.resource("service.name"))
		},
	},
	{
		Name:   "legal names",
		What:   "X-Ray's characters only, also where the name comes from an attribute, white space as spaces; unknown where nothing is left",
		Reason: "InvalidName loses the document",
		Match: func(d Difference) bool {
			return d.Path == "name" && legal(d.OurRecord.text("name")) && (!legal(d.TheirRecord.text("name")) || d.Ours == `"unknown"` || fold(d.OurRecord.text("name")) == fold(d.TheirRecord.text("name")))
		},
	},
	{
		Name:   "name of the span kept",
		What:   "where the document has another name, the span's is in metadata as otel.span.name",
		Reason: "nothing is dropped in silence",
		Match: func(d Difference) bool {
			return d.Path == "metadata/default/otel.span.name" && d.Theirs == "" && d.Ours == jsonString(d.Span.Name)
		},
	},
	{
		Name:   "namespace of AWS calls",
		What:   "AWS calls are told by rpc.system.name, messaging and database system too; there by rpc.system alone",
		Reason: "the current conventions say it that way",
		Match:  func(d Difference) bool { return d.Path == "namespace" && d.Ours == aws && d.Theirs == `"remote"` },
	},
}

// calls: the aws, http and sql blocks.
var calls = []Intended{
	{
		Name:   "operation",
		What:   "aws.operation is the operation alone (GetItem), from any convention",
		Reason: "the console shows it; DynamoDB/GetItem repeats the name",
		Match: func(d Difference) bool {
			return d.Path == "aws/operation" && d.OurRecord["namespace"] == aws && (d.Theirs == "" || strings.HasSuffix(d.TheirRecord.text("aws/operation"), "/"+d.OurRecord.text("aws/operation")))
		},
	},
	{
		Name:   "operation of AWS calls only",
		What:   "rpc.method of a call that is not AWS's is metadata; there it is aws.operation",
		Reason: "a gRPC method is no AWS operation",
		Match: func(d Difference) bool {
			return d.OurRecord["namespace"] != aws && (d.Path == "aws/operation" && d.Ours == "" || d.Path == "metadata/default/rpc.method" && d.Ours == d.TheirRecord["aws/operation"])
		},
	},
	{
		Name:   "resources of AWS calls",
		What:   "bucket, key, queue, topic, function, secret, stream, state machine, retries and id_2 are fields of the aws block; there metadata",
		Reason: "the names that the X-Ray SDKs give them; X-Ray takes the node's name and type from them",
		Match: func(d Difference) bool {
			return d.under("aws/") && d.Theirs == "" && d.OurRecord["namespace"] == aws && awsResource[strings.TrimPrefix(d.Path, "aws/")]
		},
	},
	{
		Name:   "resources on AWS calls only",
		What:   "a queue is named where it is called; there on every span that names one",
		Reason: "on a segment it would say that the service is the queue",
		Match: func(d Difference) bool {
			return d.Path == "aws/queue_url" && d.Ours == "" && d.OurRecord["namespace"] != aws
		},
	},
	{
		Name:   "function's ARN and request id",
		What:   "the function span has aws.function_arn and aws.request_id; there metadata",
		Reason: "what the platform's own segments have",
		Match: func(d Difference) bool {
			return d.is("aws/function_arn", "aws/request_id") && d.Theirs == "" && d.server() && d.lambda()
		},
	},
	{
		Name:   "host.id",
		What:   "host.id is the instance id where the platform says EC2",
		Reason: "the conventions' name for it",
		Match: func(d Difference) bool {
			return d.Path == "aws/ec2/instance_id" && d.Theirs == "" && d.Ours == jsonString(d.resource("host.id"))
		},
	},
	{
		Name:   "URL",
		What:   "http.request.url has no user, query or fragment, and is whole: host from server.address, scheme and port where known, the path alone where not",
		Reason: "secrets travel in a query; https:///p names no host",
		Match: func(d Difference) bool {
			_, ours, _ := strings.Cut(d.Ours, "?")
			_, theirs, _ := strings.Cut(d.Theirs, "?")
			return d.Path == "http/request/url" && !strings.Contains(d.Ours, "@") && (ours == "" || ours == theirs)
		},
	},
	{
		Name:   "client_ip",
		What:   "client_ip on the server side only; on a client span the peer's address is metadata",
		Reason: "there it is the server's address under the client's name",
		Match: func(d Difference) bool {
			return d.Path == "http/request/client_ip" && d.Ours == "" && !d.server()
		},
	},
	{
		Name:   "x_forwarded_for",
		What:   "x_forwarded_for where the client's address is not the peer's, on segments only; there with client.address always and with older conventions never",
		Reason: "it says that the address came in a header; the guide defines it for segments",
		Match:  func(d Difference) bool { return d.Path == "http/request/x_forwarded_for" && d.server() },
	},
	{
		Name:   "content_length",
		What:   "content_length from any convention, and only where there is one; there 0 on every response",
		Reason: "0 is a claim",
		Match: func(d Difference) bool {
			return d.Path == "http/response/content_length" && d.Theirs == "0"
		},
	},
	{
		Name:   "sql",
		What:   "the sql block from current conventions too, its url of host, port and database, without credentials, never the span's name",
		Reason: "connection_string there is host and database with a slash, passwords included",
		Match: func(d Difference) bool {
			return d.under("sql/") && !strings.Contains(d.Ours, "secret")
		},
	},
}

var awsResource = map[string]bool{
	"bucket_name": true, "key": true, "queue_url": true, "topic_arn": true, "function_name": true, "secret_id": true,
	"stream_name": true, "state_machine_arn": true, "retries": true, "id_2": true, "table_name": true, "table_names": true,
}

// faults: flags and causes.
var faults = []Intended{
	{
		Name:   "false flags",
		What:   "error, fault and throttle are written when true; there always",
		Reason: "smaller documents; absent means false",
		Match: func(d Difference) bool {
			return d.is("error", "fault", "throttle") && d.Ours == "" && d.Theirs == "false"
		},
	},
	{
		Name:   "gRPC status",
		What:   "gRPC's codes are errors, throttles and faults by class; there all faults or none",
		Reason: "NOT_FOUND is the caller's mistake, RESOURCE_EXHAUSTED a throttle",
		Match: func(d Difference) bool {
			return d.is("error", "fault", "throttle") && (d.attr("rpc.grpc.status_code") != "" || d.attr("rpc.response.status_code") != "")
		},
	},
	{
		Name:   "AWS throttling codes",
		What:   "ProvisionedThroughputExceededException and its kind are throttles",
		Reason: "DynamoDB throttles with status 400",
		Match: func(d Difference) bool {
			return d.Path == "throttle" && d.Ours == "true" && d.OurRecord["namespace"] == aws
		},
	},
	{
		Name:   "HTTP 600",
		What:   "a status of 600 and above is a fault",
		Reason: "it is no success",
		Match: func(d Difference) bool {
			return d.Path == "fault" && d.Ours == "true" && number(d.OurRecord["http/response/status"]) >= 600
		},
	},
	{
		Name:   "type of an exception",
		What:   "a status message without an exception event has error.type as its type, and no type where there is none; there the empty string",
		Reason: "an empty type is nothing to look for",
		Match: func(d Difference) bool {
			return emptyable.MatchString(d.Path) && d.Theirs == `""` && (d.Ours == "" || d.Ours == jsonString(d.attr("error.type")))
		},
	},
	{
		Name:   "remote exceptions",
		What:   "remote is written when true",
		Reason: "smaller documents; absent means false",
		Match: func(d Difference) bool {
			return strings.HasSuffix(d.Path, "/remote") && d.Ours == "" && d.Theirs == "false"
		},
	},
	{
		Name:   "no line",
		What:   "a frame without a line has none; there line 0",
		Reason: "a native method has no line",
		Match:  func(d Difference) bool { return strings.HasSuffix(d.Path, "/line") && d.Ours == "" && d.Theirs == "0" },
	},
	stack("Go", "go", "functions without arguments, the frames of recording left out, at most 50 frames, errors wrapped with %w as exceptions of their own; there one frame a line, addresses included"),
	stack("Java", "java", "the frames in common with the enclosing trace are counted as truncated, suppressed exceptions are kept"),
	stack("Python", "python", "raise … from gives linked exceptions; there all frames are in one"),
	stack("Node.js", "nodejs", "stacks are parsed under the language's name in the conventions, nodejs; there none is"),
	stack(".NET", "dotnet", "inner exceptions are exceptions of their own; there all frames are in one"),
	stack("PHP", "php", "frames and causes are parsed; there the message swallows them"),
	stack("Ruby", "ruby", "frames and causes are parsed; there none is"),
	stack("Rust", "rust", "frames and causes are parsed; there none is"),
	{
		Name:   "stack kept as text",
		What:   "a stack that is not understood is metadata; there lost, or a frame with the text as label",
		Reason: "nothing is dropped in silence",
		Match: func(d Difference) bool {
			return d.under("metadata/default/exception.stacktrace") && d.Theirs == "" || strings.Contains(d.Path, "/stack/") && d.Ours == "" && d.OurRecord["metadata/default/exception.stacktrace"] != ""
		},
	},
	{
		Name:   "status message kept",
		What:   "beside an exception the status message is metadata",
		Reason: "nothing is dropped in silence",
		Match: func(d Difference) bool {
			return d.Path == "metadata/default/otel.status_description" && d.Ours == jsonString(d.Span.StatusMessage) && d.Theirs == ""
		},
	},
}

var emptyable = regexp.MustCompile(`^cause/exceptions/\d+/(type|message)$`)

func stack(name, language, what string) Intended {
	return Intended{
		Name:   name + " stacks",
		What:   what,
		Reason: "a stack is for reading",
		Match: func(d Difference) bool {
			return d.under("cause/exceptions/") && d.resource("telemetry.sdk.language") == language
		},
	}
}

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
		What:   "keys consist of letters, digits and underscores, at most 500; there of dots too, at any length",
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
				return d.Ours == d.TheirRecord["annotations/"+key] && d.count("annotations/") > 40
			}
			key, ok := strings.CutPrefix(d.Path, "annotations/")
			return ok && d.Theirs == d.OurRecord["metadata/default/"+key] && d.count("annotations/") > 40
		},
	},
	{
		Name:   "everything indexed",
		What:   "index_all_attributes makes annotations of what no field holds; there of fields' and the resource's attributes as well",
		Reason: "50 annotations a trace are soon used up, and each of these is in the same trace elsewhere",
		Match: func(d Difference) bool {
			key, ok := strings.CutPrefix(d.Path, "annotations/")
			if !ok || d.Ours != "" {
				return false
			}
			if key, ok := strings.CutPrefix(key, "otel.resource."); ok {
				return d.Theirs == jsonString(d.resource(key))
			}
			return d.holds(key, d.Theirs)
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

// indexable is an annotation's key as X-Ray indexes it.
func indexable(key string) string {
	return string(notInKey.ReplaceAll([]byte(key[:min(len(key), 500)]), []byte("_")))
}

var notInKey = regexp.MustCompile(`[^a-zA-Z0-9_]`)

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
			return kv.Value.Emit()
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
var spent = []string{"rpc.system", "rpc.system.name", "db.system", "db.system.name", "messaging.system", "aws.service", "aws.remote.service", "rpc.service"}

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
var illegal = regexp.MustCompile(`[^\p{L}\p{N}\p{Z}_.:/%&#=+\-@]`)

func legal(name string) bool {
	return name != "" && len([]rune(name)) <= 200 && !illegal.MatchString(name)
}

// fold is a name without what the two sides treat differently.
func fold(name string) string {
	return regexp.MustCompile(`[\s\p{N}]`).ReplaceAllString(name, "")
}
