package xraytest_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"go.opentelemetry.io/otel"

	"github.com/lambdaxray/lambdaxray"
	"github.com/lambdaxray/lambdaxray/exporter/xraytest"
	"github.com/lambdaxray/lambdaxray/mapping/segment"
)

// tracer is of the kind that a package keeps for all its life.
var tracer = otel.Tracer("orders")

// steps makes as many subsegments as its event says, half of them with the
// package's tracer.
func steps(ctx context.Context, n int) (string, error) {
	for i := range n {
		_, span := tracer.Start(ctx, fmt.Sprint("step ", i))
		span.End()
	}
	if n == 0 {
		return "", errors.New("nothing to do")
	}
	return "done", nil
}

// TestInvoke: every Start of one test binary sends to the daemon of its own
// Invoke, whatever the tests before have made global.
func TestInvoke(t *testing.T) {
	start := func() { lambdaxray.Start(steps) }
	for _, n := range []int{1, 3, 0, 400} {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			run := xraytest.Invoke(t, start, n, xraytest.WithFunction(xraytest.Function{Name: fmt.Sprint("steps-", n)}))
			var found int
			var function *segment.Document
			for _, d := range run.Documents {
				if d.Name == fmt.Sprint("steps-", n) {
					function = d
				}
				for _, s := range append(d.Subsegments, d) {
					if strings.HasPrefix(s.Name, "step ") {
						found++
					}
				}
			}
			if found != n {
				t.Errorf("%d steps in %d documents, want %d", found, len(run.Documents), n)
			}
			if function == nil || function.Annotations["ColdStart"] != true {
				t.Fatalf("the function's document is %+v", function)
			}
			if (run.Result.FunctionError != "") != (n == 0) || function.Fault != (n == 0) {
				t.Errorf("function error %q, fault %v", run.Result.FunctionError, function.Fault)
			}
		})
	}
}

// TestInvokeWith: what the options say reaches the function.
func TestInvokeWith(t *testing.T) {
	run := xraytest.Invoke(t, func() { lambdaxray.Start(steps) }, 1, xraytest.WithInvocation(xraytest.Invocation{
		RequestID:   "79104EXAMPLEB723",
		TraceHeader: "Root=1-581cf771-a006649127e371903a2de979;Parent=53995c3f42cd8ad8;Sampled=0",
	}))
	if len(run.Documents) != 0 || run.Result.RequestID != "79104EXAMPLEB723" {
		t.Errorf("request %s, %d documents of an invocation that is not sampled", run.Result.RequestID, len(run.Documents))
	}
}

// recorder is a T that does not end the test.
type recorder struct {
	*testing.T
	fatal string
}

func (r *recorder) Fatal(args ...any) {
	r.fatal = fmt.Sprint(args...)
	panic(r)
}

func TestInvokeBadEvent(t *testing.T) {
	for _, event := range []any{"o-1", []byte("{"), make(chan int)} {
		r := &recorder{T: t}
		func() {
			defer func() { _ = recover() }()
			xraytest.Invoke(r, func() { t.Error("the function ran") }, event)
		}()
		if !strings.Contains(r.fatal, "event") {
			t.Errorf("%v: %q, want an error about the event", event, r.fatal)
		}
	}
}
