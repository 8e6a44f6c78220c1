package mapping_test

import (
	"bytes"
	"fmt"
	"math"
	"slices"
	"testing"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"

	"github.com/lambdaxray/lambdaxray/mapping"
)

// fuzzKeys are attribute keys that lead into every block, in more than one
// generation.
var fuzzKeys = []string{
	"rpc.system", "rpc.system.name", "rpc.service", "rpc.method", "rpc.grpc.status_code",
	"http.request.method", "http.method", "http.response.status_code", "http.status_code", "url.full", "http.url",
	"url.scheme", "url.path", "url.query", "http.host", "http.target", "server.address", "server.port", "net.peer.name", "net.peer.port",
	"client.address", "network.peer.address", "user_agent.original", "http.response.body.size",
	"aws.region", "aws.request_id", "aws.dynamodb.table_names", "aws.s3.bucket", "aws.queue.url", "aws.service", "aws.operation",
	"db.system", "db.system.name", "db.namespace", "db.query.text", "db.connection_string", "db.user",
	"messaging.system", "messaging.destination.name", "messaging.batch.message_count", "peer.service",
	"aws.local.service", "aws.remote.service", "aws.span.kind", "aws.xray.annotations", "aws.xray.inprogress",
	"aws.xray.metadata.default", "aws.xray.metadata.ns", "faas.coldstart", "faas.invocation_id", "cloud.resource_id",
	"user.id", "enduser.id", "error.type", "AWS.key", "key", "key", "other.key", "other_key", "",
	"otel.events", "otel.links", "lambdaxray.trimmed", "otel.span.name",
}

// fuzzTexts are values that mean something to some block.
var fuzzTexts = []string{
	"aws-api", "grpc", "S3", "DynamoDB/GetItem", "GET", "503", "429", "https://user:pw@h.example.com:8443/p?q=1#f", "http://", "/p?q",
	"https", "h.example.com", "postgresql", "mysql", "aws_sqs", "AmazonSQS", "aws.dynamodb", "LOCAL_ROOT", "AWS::SQS",
	"postgres://u:p@h/d?x=y", `{"k":{"n":[1,null]}}`, `{"k":`, `{"otel.events":1,"key":2}`, "\xff\xfe\x00\x1f\"\\", "ü€𐍈", "\u2028<script>", "",
	"arn:aws:lambda:eu-west-1:123456789012:function:f:live", "goroutine 1 [running]:\nmain.f(0x1)\n\t/a.go:1 +0x1\nCaused by: T: m\n",
}

// fuzzReader makes spans of bytes; past its end it reads zeros.
type fuzzReader struct{ data []byte }

func (r *fuzzReader) byte() byte {
	if len(r.data) == 0 {
		return 0
	}
	b := r.data[0]
	r.data = r.data[1:]
	return b
}

// below returns a number from 0 to n-1.
func (r *fuzzReader) below(n int) int { return int(r.byte()) % n }

func (r *fuzzReader) text() string {
	switch b := r.byte(); {
	case b < 0x80:
		return fuzzTexts[int(b)%len(fuzzTexts)]
	case b < 0xf0: // what the fuzzer writes
		n := min(r.below(32), len(r.data))
		s := string(r.data[:n])
		r.data = r.data[n:]
		return s
	default: // long ones
		return string(bytes.Repeat([]byte{r.byte()}, 1<<r.below(16)))
	}
}

func (r *fuzzReader) value(depth int) attribute.Value {
	kind := r.below(11)
	if depth > 3 {
		kind %= 5
	}
	switch kind {
	case 0, 1:
		return attribute.StringValue(r.text())
	case 2:
		return attribute.Int64Value(int64(int8(r.byte())) << r.below(64))
	case 3:
		return attribute.Float64Value([]float64{0, 0.1, -1e300, 1e-300, math.NaN(), math.Inf(1), math.Inf(-1), 200, 1 << 60}[r.below(9)])
	case 4:
		return attribute.BoolValue(r.below(2) == 1)
	case 5:
		return attribute.StringSliceValue([]string{r.text(), r.text()}[:r.below(3)])
	case 6:
		return attribute.Float64SliceValue([]float64{math.NaN(), 1})
	case 7:
		return attribute.ByteSliceValue([]byte(r.text()))
	case 8:
		return attribute.SliceValue(r.value(depth+1), r.value(depth+1))
	case 9:
		return attribute.MapValue(attribute.KeyValue{Key: attribute.Key(r.text()), Value: r.value(depth + 1)}, attribute.Int("n", 1))
	}
	return attribute.Value{}
}

func (r *fuzzReader) attributes(most int) []attribute.KeyValue {
	n := r.below(most + 1)
	if n == most && most > 10 {
		n = 70 // more than a document has annotations
	}
	out := make([]attribute.KeyValue, n)
	for i := range out {
		key := fuzzKeys[r.below(len(fuzzKeys))]
		if n == 70 {
			key = fmt.Sprint(key, i)
		}
		out[i] = attribute.KeyValue{Key: attribute.Key(key), Value: r.value(0)}
	}
	return out
}

// spans makes at most 40 spans whose ids come from a small set, so that there
// are trees, cycles, duplicates and missing parents.
func (r *fuzzReader) spans(resources []*mapping.Resource) []mapping.Span {
	spans := make([]mapping.Span, r.below(41))
	for i := range spans {
		start := int64(1793534400e9) + int64(r.byte())
		s := mapping.Span{
			Name:            fmt.Sprint(r.text(), i), // spans that are equal in all else still have an order
			TraceID:         trace.TraceID{15: byte(r.below(8)) % 3},
			SpanID:          trace.SpanID{7: byte(r.below(24))},
			ParentSpanID:    trace.SpanID{7: byte(r.below(24))},
			Parent:          mapping.ParentOrigin(r.below(3)),
			Kind:            trace.SpanKind(r.below(7)),
			StartTime:       start,
			EndTime:         []int64{start + 1e6, start - 5, start, 0}[r.below(4)],
			Status:          codes.Code(r.below(3)),
			StatusMessage:   r.text(),
			Attributes:      r.attributes(12),
			FunctionSegment: mapping.FunctionSegment(r.below(3)),
			Resource:        resources[r.below(len(resources))],
		}
		for range r.below(4) {
			s.Events = append(s.Events, mapping.Event{
				Name: []string{"exception", "event"}[r.below(2)], Time: start,
				Attributes: append(r.attributes(2), attribute.String("exception.type", r.text()), attribute.String("exception.stacktrace", r.text())),
			})
		}
		for range r.below(30) {
			s.Links = append(s.Links, mapping.Link{TraceID: trace.TraceID{0: r.byte()}, SpanID: trace.SpanID{0: r.byte()}})
		}
		spans[i] = s
	}
	return spans
}

var fuzzResources = []*mapping.Resource{
	nil,
	mapping.NewResource([]attribute.KeyValue{attribute.String("cloud.platform", "aws_lambda"), attribute.String("faas.name", "orders"), attribute.String("telemetry.sdk.language", "go")}),
	mapping.NewResource([]attribute.KeyValue{attribute.String("cloud.platform", "aws_lambda"), attribute.String("faas.name", "orders, (prod)"), attribute.String("telemetry.sdk.language", "python")}),
	mapping.NewResource([]attribute.KeyValue{attribute.String("service.name", "shop"), attribute.String("cloud.platform", "aws_ecs"), attribute.String("container.name", "c")}),
	mapping.NewResource([]attribute.KeyValue{attribute.Float64("service.name", math.NaN()), attribute.String("service.version", "\xff")}),
}

// FuzzAppendDocuments holds for any spans: every document is X-Ray's and within
// the budget, every span with valid ids is in exactly one, every span without
// is an error, and neither a second call nor another order makes a difference.
func FuzzAppendDocuments(f *testing.F) {
	f.Add([]byte{0}, []byte{3, 0, 0, 1, 1, 2, 1, 1, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9})
	f.Add([]byte{7}, bytes.Repeat([]byte{1, 2, 3, 4, 5, 250, 7, 9, 16}, 60))
	f.Add([]byte{18}, bytes.Repeat([]byte{40, 13, 0xf1, 'x', 12, 3, 77, 12, 200, 0}, 100))
	f.Add([]byte{255}, bytes.Repeat([]byte{12, 90, 31}, 200))
	f.Fuzz(func(t *testing.T, options, data []byte) {
		o := fuzzReader{options}
		bits := o.byte()
		var opts []mapping.Option
		if bits&1 != 0 {
			opts = append(opts, mapping.WithAllAnnotations())
		}
		if bits&2 != 0 {
			opts = append(opts, mapping.WithURLQuery(), mapping.WithAnnotations("key", "http.method"), mapping.WithLogGroups("g"))
		}
		opts = append(opts, mapping.WithFunctionSegment(mapping.FunctionSegment(bits>>2&3%3)))
		budget := mapping.DefaultBudget
		if bits&16 != 0 {
			budget = mapping.MinBudget
			opts = append(opts, mapping.WithBudget(budget))
		}
		r := fuzzReader{data}
		spans := r.spans(fuzzResources)
		m := mapping.New(opts...)
		docs, err := m.AppendDocuments(nil, spans)

		invalid := 0
		for i := range spans {
			if !spans[i].TraceID.IsValid() || !spans[i].SpanID.IsValid() {
				invalid++
			}
		}
		if got := spanErrors(t, err); len(got) != invalid {
			t.Errorf("%d span errors, want %d: %v", len(got), invalid, err)
		}
		for _, doc := range docs {
			if len(doc) > budget {
				t.Errorf("a document of %d bytes, budget %d", len(doc), budget)
			}
		}
		checkDocuments(t, docs, spans)
		again, _ := m.AppendDocuments(nil, spans)
		if !slices.EqualFunc(docs, again, bytes.Equal) {
			t.Error("a second call gives other documents")
		}
		checkOrder(t, m, docs, spans)
	})
}
