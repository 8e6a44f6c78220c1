package mapping_test

import (
	"testing"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"

	"github.com/lambdaxray/lambdaxray/mapping"
)

var (
	lambdaResource = mapping.NewResource([]attribute.KeyValue{
		attribute.String("cloud.provider", "aws"), attribute.String("faas.name", "orders"),
	})
	serviceResource = mapping.NewResource([]attribute.KeyValue{attribute.String("service.name", "shop")})
)

// What a span becomes: the placement rule, row by row.
func TestPlacement(t *testing.T) {
	const (
		segment    = "segment"
		subsegment = "independent subsegment"
	)
	for name, c := range map[string]struct {
		resource *mapping.Resource
		kind     trace.SpanKind
		parent   int
		origin   mapping.ParentOrigin
		owner    mapping.FunctionSegment
		option   mapping.FunctionSegment
		want     string
		wantName string
	}{
		"function span, remote parent":            {lambdaResource, trace.SpanKindServer, 9, mapping.ParentRemote, 0, 0, subsegment, "span"},
		"function span, parent not said":          {lambdaResource, trace.SpanKindServer, 9, mapping.ParentUnknown, 0, 0, subsegment, "span"},
		"function span, no parent":                {lambdaResource, trace.SpanKindServer, 0, mapping.ParentUnknown, 0, 0, segment, "orders"},
		"function span of a queue":                {lambdaResource, trace.SpanKindConsumer, 9, mapping.ParentRemote, 0, 0, subsegment, "span"},
		"function span, own":                      {lambdaResource, trace.SpanKindServer, 9, mapping.ParentRemote, mapping.FunctionSegmentOwn, 0, segment, "orders"},
		"function span, option own":               {lambdaResource, trace.SpanKindServer, 9, mapping.ParentRemote, 0, mapping.FunctionSegmentOwn, segment, "orders"},
		"function span, option platform":          {lambdaResource, trace.SpanKindServer, 9, mapping.ParentRemote, mapping.FunctionSegmentOwn, mapping.FunctionSegmentPlatform, subsegment, "span"},
		"no parent to be beneath":                 {lambdaResource, trace.SpanKindServer, 0, mapping.ParentUnknown, 0, mapping.FunctionSegmentPlatform, segment, "orders"},
		"SERVER below the function span, alone":   {lambdaResource, trace.SpanKindServer, 9, mapping.ParentLocal, 0, 0, subsegment, "span"},
		"INTERNAL of a function, late":            {lambdaResource, trace.SpanKindInternal, 9, mapping.ParentLocal, 0, 0, subsegment, "span"},
		"SERVER of a service":                     {serviceResource, trace.SpanKindServer, 9, mapping.ParentRemote, 0, 0, segment, "shop"},
		"CONSUMER of a service":                   {serviceResource, trace.SpanKindConsumer, 9, mapping.ParentRemote, 0, 0, segment, "shop"},
		"CONSUMER within a service":               {serviceResource, trace.SpanKindConsumer, 9, mapping.ParentLocal, 0, 0, subsegment, "span"},
		"SERVER within a service":                 {serviceResource, trace.SpanKindServer, 9, mapping.ParentLocal, 0, 0, subsegment, "span"},
		"INTERNAL of a service, parentless":       {serviceResource, trace.SpanKindInternal, 0, mapping.ParentUnknown, 0, 0, segment, "shop"},
		"INTERNAL of a service, parent elsewhere": {serviceResource, trace.SpanKindInternal, 9, mapping.ParentLocal, 0, 0, subsegment, "span"},
		"CLIENT of a service, parentless":         {serviceResource, trace.SpanKindClient, 0, mapping.ParentUnknown, 0, 0, segment, "shop"},
		"CONSUMER of a service, parentless":       {serviceResource, trace.SpanKindConsumer, 0, mapping.ParentUnknown, 0, 0, segment, "shop"},
	} {
		t.Run(name, func(t *testing.T) {
			s := testSpan(1, c.parent)
			s.Name, s.Kind, s.Parent, s.FunctionSegment, s.Resource = "span", c.kind, c.origin, c.owner, c.resource
			docs := documents(t, mapping.New(mapping.WithFunctionSegment(c.option)), []mapping.Span{s})
			if len(docs) != 1 {
				t.Fatalf("%d documents, want 1", len(docs))
			}
			d := docs[0]
			got := segment
			if d.Type == "subsegment" {
				got = subsegment
			}
			if got != c.want || d.Name != c.wantName {
				t.Errorf("got %s %q, want %s %q", got, d.Name, c.want, c.wantName)
			}
			if hasParent := d.ParentID != ""; hasParent != (c.parent != 0) {
				t.Errorf("parent_id %q, span has parent: %v", d.ParentID, c.parent != 0)
			}
			if got == segment && c.resource == lambdaResource && d.Origin != "AWS::Lambda::Function" {
				t.Errorf("origin %q", d.Origin)
			}
		})
	}
}

// A call with no span of its own service above it gets a segment, so that the
// map shows who called.
func TestParentlessCall(t *testing.T) {
	s := testSpan(1, 0, attribute.String("server.address", "api.example.com"))
	s.Kind, s.Resource = trace.SpanKindClient, serviceResource
	first := documents(t, mapping.New(), []mapping.Span{s})
	d := first[0]
	if d.Name != "shop" || len(d.Subsegments) != 1 || d.Subsegments[0].Name != "api.example.com" || d.Subsegments[0].Namespace != "remote" {
		t.Errorf("got %+v", d)
	}
	if d.Subsegments[0].ID != "0000000000000001" || d.ID == d.Subsegments[0].ID {
		t.Errorf("ids %s and %s", d.ID, d.Subsegments[0].ID)
	}
	if again := documents(t, mapping.New(), []mapping.Span{s}); again[0].ID != d.ID {
		t.Errorf("the segment's id changed from %s to %s", d.ID, again[0].ID)
	}
	s.Attributes = append(s.Attributes, attribute.Bool("aws.xray.inprogress", false))
	if d := documents(t, mapping.New(), []mapping.Span{s})[0]; d.InProgress || d.Subsegments[0].InProgress {
		t.Errorf("the call is complete: in progress is %v, the call's %v", d.InProgress, d.Subsegments[0].InProgress)
	}
	s.Attributes = append(s.Attributes, attribute.Bool("aws.xray.inprogress", true))
	if d := documents(t, mapping.New(), []mapping.Span{s})[0]; !d.InProgress || !d.Subsegments[0].InProgress {
		t.Errorf("the call is open: in progress is %v, the call's %v", d.InProgress, d.Subsegments[0].InProgress)
	}
}

// A parentless CONSUMER span serves a message, and only with aws.remote.service is it
// the call for one.
func TestParentlessConsumer(t *testing.T) {
	s := testSpan(1, 0, attribute.String("messaging.system", "kafka"))
	s.Kind, s.Resource = trace.SpanKindConsumer, serviceResource
	if d := documents(t, mapping.New(), []mapping.Span{s})[0]; d.ID != "0000000000000001" || len(d.Subsegments) > 0 {
		t.Errorf("served: %+v", d)
	}
	s.Attributes = append(s.Attributes, attribute.String("aws.remote.service", "orders"))
	if d := documents(t, mapping.New(), []mapping.Span{s})[0]; d.Name != "shop" || len(d.Subsegments) != 1 || d.Subsegments[0].Name != "orders" {
		t.Errorf("called: %+v", d)
	}
}

// What is marked as local root starts a segment where its parent is elsewhere, and not
// beneath a span of its own service.
func TestLocalRoot(t *testing.T) {
	root := attribute.String("aws.span.kind", "LOCAL_ROOT")
	above, beneath, elsewhere := testSpan(1, 0, root), testSpan(2, 1, root), testSpan(3, 99, root)
	above.Resource, beneath.Resource, elsewhere.Resource = serviceResource, serviceResource, serviceResource
	docs := documents(t, mapping.New(), []mapping.Span{above, beneath, elsewhere})
	if len(docs) != 2 || len(docs[0].Subsegments) != 1 || docs[1].Type != "" || docs[1].ID != "0000000000000003" {
		t.Errorf("%d documents: %+v", len(docs), docs)
	}
}

// SERVER and CONSUMER spans below the function span of a Lambda are custom
// subsegments with their http block; in another service they are segments.
func TestServerBelowFunction(t *testing.T) {
	fn, web := testSpan(1, 9), testSpan(2, 1, attribute.String("http.request.method", "GET"), attribute.String("url.path", "/x"))
	fn.Kind, fn.Parent, fn.Resource = trace.SpanKindServer, mapping.ParentRemote, lambdaResource
	web.Kind, web.Parent, web.Resource = trace.SpanKindServer, mapping.ParentLocal, lambdaResource
	docs := documents(t, mapping.New(), []mapping.Span{web, fn})
	if len(docs) != 1 || len(docs[0].Subsegments) != 1 {
		t.Fatalf("got %d documents", len(docs))
	}
	if c := docs[0].Subsegments[0]; c.Namespace != "" || c.HTTP == nil || c.HTTP.Request.URL != "/x" {
		t.Errorf("got %+v", c)
	}

	// Function A calls function B, both in one batch of a gateway, without flags.
	call, other := testSpan(3, 1), testSpan(4, 3)
	call.Kind, call.Resource = trace.SpanKindClient, lambdaResource
	other.Kind = trace.SpanKindServer
	other.Resource = mapping.NewResource([]attribute.KeyValue{attribute.String("faas.name", "billing")})
	docs = documents(t, mapping.New(mapping.WithFunctionSegment(mapping.FunctionSegmentOwn)), []mapping.Span{fn, call, other})
	if len(docs) != 2 || docs[1].Name != "billing" || docs[1].ParentID != "0000000000000003" {
		t.Errorf("the called function is no segment below the call: %+v", docs)
	}
}

// What a producer makes of the code outside the handler names the function it is of,
// where it knows it.
func TestInitializationNamesItsFunction(t *testing.T) {
	const arn = "arn:aws:lambda:eu-west-1:123456789012:function:orders"
	work := testSpan(1, 9, attribute.String("cloud.resource_id", arn+":live"))
	work.Resource = lambdaResource
	outside := work
	outside.Initialization = true
	unnamed := testSpan(1, 9, attribute.String("aws.region", "eu-west-1"))
	unnamed.Resource, unnamed.Initialization = lambdaResource, true
	for _, c := range []struct {
		span mapping.Span
		want string
	}{{work, ""}, {outside, arn}, {unnamed, ""}} {
		raw, err := mapping.New().AppendDocuments(nil, []mapping.Span{c.span})
		if err != nil {
			t.Fatal(err)
		}
		if got, written := parse(t, raw)[0].AWS["function_arn"]; written != (c.want != "") || written && got != c.want {
			t.Errorf("function_arn %q, want %q: %s", got, c.want, raw[0])
		}
	}
}
