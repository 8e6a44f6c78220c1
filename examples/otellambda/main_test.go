package main

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"go.opentelemetry.io/contrib/instrumentation/github.com/aws/aws-lambda-go/otellambda"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/lambdaxray/lambdaxray/exporter"
	"github.com/lambdaxray/lambdaxray/exporter/xraytest"
	"github.com/lambdaxray/lambdaxray/mapping/segment"
	"github.com/lambdaxray/lambdaxray/propagator"
	"github.com/lambdaxray/lambdaxray/propagator/lambdaevent"
)

// envFunction makes the test binary the function: "main" is the example,
// "parts" is exporter, processor and propagator put together by hand.
const envFunction = "OTELLAMBDA_TEST_FUNCTION"

func TestMain(m *testing.M) {
	switch os.Getenv(envFunction) {
	case "main":
		main()
	case "parts":
		parts()
	default:
		os.Exit(m.Run())
	}
}

// parts is main with a provider of the user's own, which also takes a W3C
// traceparent out of the event.
func parts() {
	e, err := exporter.New()
	if err != nil {
		panic(err)
	}
	provider := sdktrace.NewTracerProvider(
		sdktrace.WithSpanProcessor(exporter.NewProcessor(e)),
		sdktrace.WithResource(resource.NewSchemaless(attribute.String("cloud.platform", "aws_lambda"), attribute.String("faas.name", "greeter"))),
	)
	lambda.Start(otellambda.InstrumentHandler(handle,
		otellambda.WithTracerProvider(provider),
		otellambda.WithPropagator(propagation.NewCompositeTextMapPropagator(propagator.Lambda{}, propagation.TraceContext{})),
		otellambda.WithEventToCarrier(func(event []byte) propagation.TextMapCarrier { return lambdaevent.Parse(event).Carrier() }),
	))
}

const (
	root   = "1-67890abc-0123456789abcdef01234567"
	parent = "00000000000000aa"
	header = "Root=" + root + ";Parent=" + parent + ";Sampled=1;Lineage=1:abcdef01:0"
	plain  = `{"name":"Ada"}`
)

// TestPlacement: whose function segment it is, with otellambda's function span.
func TestPlacement(t *testing.T) {
	const foreign = `{"name":"Ada","version":"2.0","routeKey":"$default","rawPath":"/","requestContext":{"http":{"method":"GET","path":"/"}},` +
		`"headers":{"traceparent":"00-67890abd0123456789abcdef01234567-00000000000000bb-01"}}`
	for _, test := range []struct {
		name, function, header, event string

		documents int
		segment   bool // the function span is the AWS::Lambda::Function segment
		trace     string
		parent    string
		link      string
	}{
		{name: "active tracing", function: "main", header: header, event: plain, documents: 1, trace: root, parent: parent},
		{name: "active tracing, parts", function: "parts", header: header, event: plain, documents: 1, trace: root, parent: parent},
		{name: "no header", function: "main", event: plain, documents: 1, segment: true},
		{name: "no header, parts", function: "parts", event: plain, documents: 1, segment: true},
		{name: "not sampled", function: "main", header: "Root=" + root + ";Parent=" + parent + ";Sampled=0", event: plain},
		{name: "Root only", function: "main", header: "Root=" + root + ";Lineage=1:abcdef01:0", event: plain},
		{
			name: "a traceparent of another trace", function: "parts", header: header, event: foreign,
			documents: 1, segment: true, trace: "1-67890abd-0123456789abcdef01234567", parent: "00000000000000bb", link: root,
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			docs := invoke(t, test.function, xraytest.Invocation{TraceHeader: test.header, Payload: []byte(test.event)})
			if len(docs) != test.documents {
				t.Fatalf("%d documents, want %d: %s", len(docs), test.documents, docs)
			}
			if len(docs) == 0 {
				return
			}
			if err := xraytest.CheckDocument(docs[0]); err != nil {
				t.Error(err)
			}
			d, err := segment.Parse(docs[0])
			if err != nil {
				t.Fatal(err)
			}
			if segment := d.Type != "subsegment" && d.Origin == "AWS::Lambda::Function"; segment != test.segment || d.Name != "greeter" {
				t.Errorf("name %s, type %q, origin %q", d.Name, d.Type, d.Origin)
			}
			if d.ParentID != test.parent || test.trace != "" && d.TraceID != test.trace {
				t.Errorf("trace %s, parent %s, want %s, %s", d.TraceID, d.ParentID, test.trace, test.parent)
			}
			names := map[string]bool{}
			for _, child := range d.Subsegments {
				names[child.Name] = true
			}
			if !names["greet"] || names["Initialization"] != test.segment {
				t.Errorf("subsegments %v", names)
			}
			if linked := len(d.Links) == 1 && d.Links[0].TraceID == test.link; linked != (test.link != "") {
				t.Errorf("links %v, want %q", d.Links, test.link)
			}
			if d.Annotations["ColdStart"] != true {
				t.Errorf("annotations %v", d.Annotations)
			}
		})
	}
}

// invoke starts the function, gives it one event, and returns what it had sent
// when it asked for the next.
func invoke(t *testing.T, function string, event xraytest.Invocation) [][]byte {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	end := make(chan struct{})
	daemon := xraytest.NewDaemon(t, xraytest.WithDatagramFunc(func(g xraytest.Datagram) {
		if string(g.Data) == "the end" {
			close(end)
		}
	}))
	runtime := xraytest.NewRuntime(t, xraytest.Function{Name: "greeter", DaemonAddress: daemon.Addr()})
	defer start(ctx, t, runtime, function)()
	result, err := runtime.Invoke(ctx, event)
	if err != nil {
		t.Fatal(err)
	}
	if want := `"Hello, Ada"`; string(result.Payload) != want {
		t.Errorf("the function answered %s, want %s", result.Payload, want)
	}
	if _, err := result.Idle(ctx); err != nil {
		t.Fatal(err)
	}
	// UDP over loopback keeps its order: behind this datagram there is nothing more.
	conn, err := net.Dial("udp", daemon.Addr())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := conn.Write([]byte("the end")); err != nil {
		t.Fatal(err)
	}
	select {
	case <-end:
	case <-ctx.Done():
		t.Fatal("the daemon does not read")
	}
	return daemon.Documents()
}

// TestAnswersStayApart: a process that polls 16 times at once, as on Lambda Managed
// Instances. With otellambda.WrapHandler around lambda.NewHandler they do not.
func TestAnswersStayApart(t *testing.T) {
	const pollers, answers = 16, 6400
	for _, function := range []string{"main", "parts"} {
		t.Run(function, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			daemon := xraytest.NewDaemon(t)
			runtime := xraytest.NewRuntime(t, xraytest.Function{Name: "greeter", DaemonAddress: daemon.Addr(), MaxConcurrency: pollers})
			defer start(ctx, t, runtime, function)()
			var wg sync.WaitGroup
			for caller := range pollers {
				wg.Go(func() {
					for i := range answers / 2 / pollers {
						name := strings.Repeat(fmt.Sprint(caller, ".", i, " "), 1+i%40)
						result, err := runtime.Invoke(ctx, xraytest.Invocation{TraceHeader: header, Payload: fmt.Appendf(nil, `{"name":%q}`, name)})
						if want := fmt.Sprintf(`"Hello, %s"`, name); err != nil || string(result.Payload) != want {
							t.Errorf("the function answered %s, %v, want %s", result.Payload, err, want)
							return
						}
					}
				})
			}
			wg.Wait()
		})
	}
}

// start runs the function and returns what ends it.
func start(ctx context.Context, t *testing.T, runtime *xraytest.Runtime, function string) (stop func()) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(ctx)
	cmd := exec.CommandContext(ctx, self)
	cmd.Env = append(runtime.Env(), envFunction+"="+function)
	cmd.Stderr = t.Output()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return func() {
		cancel()
		_ = cmd.Wait()
	}
}
