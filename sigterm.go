package lambdaxray

import (
	"context"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/trace"
)

type flusher interface {
	ForceFlush(context.Context) error
}

// flush has the provider send what it holds, and reports whether it can. The error
// has nobody else to go to.
func flush(ctx context.Context, p trace.TracerProvider) bool {
	f, ok := p.(flusher)
	if ok {
		if err := f.ForceFlush(ctx); err != nil {
			otel.Handle(err)
		}
	}
	return ok
}

// sigterm is what [Start] does about the signal.
type sigterm uint8

const (
	sigtermHandle sigterm = iota // when it comes
	sigtermRegister
	sigtermIgnore
)

// sigtermBudget is what the flush may take of the 500 ms that Lambda gives: the
// user's callbacks come after it.
//
// Source: https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html
const sigtermBudget = 400 * time.Millisecond

// handleSIGTERM prepares for the signal and returns what aws-lambda-go has to do
// for it.
func (c config) handleSIGTERM() []lambda.Option {
	switch {
	case c.sigterm == sigtermIgnore:
		return nil
	case c.sigterm == sigtermRegister && os.Getenv("AWS_LAMBDA_RUNTIME_API") != "":
		return []lambda.Option{lambda.WithEnableSIGTERM(c.shutDown)}
	}
	// In the goroutine: the first Notify of a process takes 0.1 ms, which start-up
	// need not wait for.
	go func() {
		signals := make(chan os.Signal, 1)
		signal.Notify(signals, syscall.SIGTERM)
		s := <-signals
		c.shutDown()
		// The signal does what it would have done without us.
		signal.Stop(signals)
		if self, err := os.FindProcess(os.Getpid()); err == nil {
			_ = self.Signal(s)
		}
	}()
	return nil
}

func (c config) shutDown() {
	ctx, cancel := context.WithTimeout(context.Background(), sigtermBudget)
	defer cancel()
	flush(ctx, c.provider)
	for _, f := range c.onSIGTERM {
		f()
	}
}
