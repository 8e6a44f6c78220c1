package compare

import (
	"regexp"
	"slices"
	"strings"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"
)

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
		Name:   "one request, one node",
		What:   "of calls nested in one process one has a namespace, and the steps of using a database have none; there each makes a node",
		Reason: "an AWS call would have a second node for its endpoint, a query four",
		Match: func(d Difference) bool {
			if !d.calling() || d.OurRecord["namespace"] != "" {
				return false
			}
			return d.Path == "namespace" || d.Path == "name" && d.OurRecord.text("name") == d.Span.Name
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
		Name:   "polls",
		What:   "a CONSUMER span that receives from a queue of AWS is a call",
		Reason: "nothing is served yet",
		Match: func(d Difference) bool {
			return d.Path == "namespace" && d.Ours == aws && d.Theirs == "" && d.kind(trace.SpanKindConsumer) && d.attr("messaging.operation") == "receive"
		},
	},
	{
		Name:   "namespace of AWS calls",
		What:   "AWS calls are told by rpc.system.name, messaging and database system too; there by rpc.system alone",
		Reason: "the current conventions say it that way",
		Match: func(d Difference) bool {
			return d.Path == "namespace" && d.Ours == aws && (d.Theirs == `"remote"` || d.Theirs == "")
		},
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
		Name:   "region and request id of an AWS call",
		What:   "aws.region and aws.request_id come from any convention: cloud.region, and aws.request.id of Node.js, too; there metadata",
		Reason: "the console shows the aws block",
		Match: func(d Difference) bool {
			return d.is("aws/region", "aws/request_id") && d.Theirs == "" && d.OurRecord["namespace"] == aws
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
			return d.is("aws/function_arn", "aws/request_id", "aws/id_2") && (d.Theirs == "" || d.Ours == jsonString(d.attr("faas.invocation_id"))) && d.server() && (d.lambda() || d.attr("aws.lambda.invoked_arn") != "")
		},
	},
	{
		Name:   "status in an error's text",
		What:   "http.response.status is read from the text of an AWS SDK's error where no attribute has it",
		Reason: "it says whose fault it was",
		Match: func(d Difference) bool {
			return d.Path == "http/response/status" && d.Theirs == "" && d.OurRecord["namespace"] == aws && strings.Contains(d.failure(), d.Ours)
		},
	},
	{
		Name:   "traced",
		What:   "http.request.traced is what awsxrayreceiver read; there metadata",
		Reason: "X-Ray waits for the other side's segment",
		Match: func(d Difference) bool {
			return d.Path == "http/request/traced" && d.Ours == "true" && d.attr("aws.xray.traced") == "true"
		},
	},
	{
		Name:   "limits of 250",
		What:   "method, user agent, client_ip and service.version are cut at 250 characters and whole in metadata; there sent as they are",
		Reason: "X-Ray drops what is longer",
		Match: func(d Difference) bool {
			cut := d.is("http/request/method", "http/request/user_agent", "http/request/client_ip", "service/version") &&
				len([]rune(d.Ours)) == 250+len(`""`) && (d.Theirs == "" || strings.HasPrefix(d.Theirs, strings.TrimSuffix(d.Ours, `"`)))
			return cut || d.Path == "metadata/default/url.full" && strings.HasPrefix(d.Ours, strings.TrimSuffix(d.OurRecord["http/request/url"], `"`)) && len(d.Ours) > 250
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
			return d.under("sql/") && (d.Path != "sql/sanitized_query" || d.Theirs == "" || d.Ours == "") && !strings.Contains(d.Ours, "s3cret")
		},
	},
}

var awsResource = map[string]bool{
	"bucket_name": true, "key": true, "queue_url": true, "topic_arn": true, "function_name": true, "secret_id": true,
	"stream_name": true, "state_machine_arn": true, "retries": true, "id_2": true, "table_name": true, "table_names": true, "message_count": true,
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
		Name:   "databases that answer in HTTP codes",
		What:   "db.response.status_code of Cosmos DB, Elasticsearch, OpenSearch and CouchDB decides the flags; there every failure is a fault",
		Reason: "it is an HTTP status",
		Match: func(d Difference) bool {
			return d.is("error", "fault", "throttle") && d.attr("db.response.status_code")+d.attr("db.cosmosdb.status_code") != "" &&
				slices.Contains([]string{"azure.cosmosdb", "cosmosdb", "elasticsearch", "opensearch", "couchdb"}, d.attr("db.system")+d.attr("db.system.name"))
		},
	},
	{
		Name:   "RPC status",
		What:   "the codes of gRPC, Connect and JSON-RPC are errors, throttles and faults by class; there all faults or none",
		Reason: "NOT_FOUND is the caller's mistake, RESOURCE_EXHAUSTED a throttle",
		Match: func(d Difference) bool {
			return d.is("error", "fault", "throttle") && (d.attr("rpc.grpc.status_code") != "" || d.attr("rpc.response.status_code") != "" || d.attr("rpc.connect_rpc.error_code") != "" || d.attr("rpc.jsonrpc.error_code") != "" || d.attr("error.type") != "" && d.attr("rpc.system")+d.attr("rpc.system.name") != "aws-api" && d.attr("rpc.service")+d.attr("rpc.method") != "")
		},
	},
	{
		Name:   "AWS throttling codes",
		What:   "ProvisionedThroughputExceededException and its kind are throttles",
		Reason: "DynamoDB throttles with status 400",
		Match: func(d Difference) bool {
			return d.OurRecord["throttle"] == "true" && d.OurRecord["namespace"] == aws && d.is("throttle", "error", "fault")
		},
	},
	{
		Name:   "flags by an error's text",
		What:   "the HTTP status that only the text of an AWS SDK's error has decides error and fault; there all are faults",
		Reason: "a failed condition is the caller's",
		Match: func(d Difference) bool {
			return d.is("error", "fault") && d.OurRecord["namespace"] == aws && d.TheirRecord["http/response/status"] == "" && d.OurRecord["http/response/status"] != ""
		},
	},
	{
		Name:   "uncaught exceptions",
		What:   "a Go panic, and an exception marked as escaped, is a fault where the status is not set; there nothing",
		Reason: "the SDK records a panic without a status",
		Match: func(d Difference) bool {
			return d.Path == "fault" && d.Ours == "true" && d.Theirs == "false" && d.Span.Status == codes.Unset && len(d.Span.Events) > 0
		},
	},
	{
		Name:   "status of another type",
		What:   "a status that is a text or a whole float counts, and what cannot be one is metadata; there 0, or as it came",
		Reason: "not every producer has integers",
		Match: func(d Difference) bool {
			if !d.is("http/response/status", "error", "fault") || d.attr("http.response.status_code") == "" {
				return false
			}
			return !slices.Contains(d.Span.Attributes, attribute.Int("http.response.status_code", int(number(d.attr("http.response.status_code"))))) || d.Ours == ""
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
			return strings.HasSuffix(d.Path, "/remote") && (d.Ours == "" && d.Theirs == "false" || d.Ours == "true" && d.Theirs == "" && d.OurRecord["namespace"] != "")
		},
	},
	{
		Name:   "failed requests of an AWS call",
		What:   "the message of an SDK's event HTTP request failure is its error's; there with status and time before it",
		Reason: "the event with both is in metadata",
		Match: func(d Difference) bool {
			return strings.HasSuffix(d.Path, "/message") && d.OurRecord[strings.TrimSuffix(d.Path, "message")+"type"] == `"aws.http.error.event"` && strings.HasSuffix(d.Theirs, "@"+strings.TrimPrefix(d.Ours, `"`))
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
			return d.resource("telemetry.sdk.language") == language && (framePath.MatchString(d.Path) || chainPath.MatchString(d.Path) && (d.Ours == "" || d.Theirs == "" || language == "php"))
		},
	}
}

// framePath is what a stack is made of, chainPath what says that there is one more
// exception, or one less.
var (
	framePath = regexp.MustCompile(`^cause/exceptions/\d+/(stack/\d+/(path|line|label)|truncated)$`)
	chainPath = regexp.MustCompile(`^cause/exceptions/\d+/(id|type|message|cause)$`)
)
