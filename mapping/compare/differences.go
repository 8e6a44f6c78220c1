package compare

import (
	"math"
	"regexp"
	"slices"
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
var Differences = slices.Concat(said, placement, identity, names, calls, faults, secrets, annotations, metadata)

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
		Name:   "local root in a function",
		What:   "a span of a Lambda function that is marked as local root stays beneath the function segment; there it becomes a segment and a dependency",
		Reason: "a second segment is a second Lambda node on the service map",
		Match: func(d Difference) bool {
			above := d.Path == "" && d.OurRecord == nil && strings.Contains(d.Key, "/above ") && d.TheirRecord["origin"] == ""
			return above || d.is("type", "parent_id", "namespace", "aws/operation", "aws/queue_url") && d.lambda() && d.attr("aws.span.kind") != ""
		},
	},
	{
		Name:   "within its service",
		What:   "a SERVER or CONSUMER span with a local parent is a subsegment; there a segment",
		Reason: "it would be the service beneath itself, one request more",
		Match: func(d Difference) bool {
			return d.Path == "type" && d.server() && !d.lambda() && d.Ours == subsegment && d.Theirs == "" && d.Span.ParentSpanID.IsValid()
		},
	},
	{
		Name:   "poll of a queue",
		What:   "a CONSUMER span that is an AWS SDK's call, or a receive from an AWS queue, is a call, in a segment made for it where nothing is above; there a segment",
		Reason: "it asks and serves nobody",
		Match: func(d Difference) bool {
			poll := d.kind(trace.SpanKindConsumer) && (d.attr("rpc.system") == "aws-api" || d.attr("messaging.operation.type") == "receive")
			above := d.Path == "" && d.TheirRecord == nil && strings.Contains(d.Key, "/above ") && d.OurRecord["namespace"] == ""
			return above || poll && (d.Path == "type" || d.Path == "parent_id" || d.Path == "namespace" && d.Ours == aws)
		},
	},
	{
		Name:   "call alone in a function",
		What:   "a call without a parent in a Lambda is in a segment made for it",
		Reason: "X-Ray has no subsegments without a parent",
		Match: func(d Difference) bool {
			return d.is("type", "parent_id") && d.lambda() && d.calling() && !d.Span.ParentSpanID.IsValid() && d.Theirs == ""
		},
	},
	{
		Name:   "hosts outside AWS",
		What:   "a resource that is not in AWS, or does not say so, has no account, ec2 and eks; there its machine is EC2's",
		Reason: "a project of another cloud is no account, and a machine of one's own no instance",
		Match: func(d Difference) bool {
			return d.resource("cloud.provider") != "aws" && d.Ours == "" && (d.Path == "aws/account_id" || d.under("aws/ec2/", "aws/eks/"))
		},
	},
	{
		Name:   "no fields of null",
		What:   "a field that nobody knows is left out; there null in aws.ec2 and aws.eks",
		Reason: "smaller documents; absent means unknown",
		Match:  func(d Difference) bool { return d.Ours == "" && d.Theirs == "null" && d.under("aws/ec2/", "aws/eks/") },
	},
	{
		Name:   "account of the span",
		What:   "a segment's account is the span's, where it says one, and the resource's is metadata; there the resource's",
		Reason: "the span knows better",
		Match: func(d Difference) bool {
			return d.Path == "aws/account_id" && d.Ours == jsonString(d.attr("cloud.account.id")) && d.Theirs == jsonString(d.resource("cloud.account.id"))
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
			return (d.Path == "aws/account_id" || d.under("aws/xray/")) && d.Theirs == "" && (d.resource("cloud.provider") != "aws" || d.attr("cloud.account.id") != "" || d.Ours == jsonString(d.resource("cloud.account.id")) || strings.Contains(d.Key, "/above "))
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
