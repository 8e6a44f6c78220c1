package exporter_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"go.opentelemetry.io/otel/trace"

	"github.com/lambdaxray/lambdaxray/exporter"
)

func TestDeadlineNear(t *testing.T) {
	for _, tt := range []struct {
		name      string
		remaining time.Duration
		margin    time.Duration // the option
		at        time.Duration // since the start; 0: never
	}{
		{name: "long", remaining: 15 * time.Minute, at: 15*time.Minute - 200*time.Millisecond},
		{name: "short", remaining: time.Second, at: 950 * time.Millisecond},
		{name: "option", remaining: time.Second, margin: 300 * time.Millisecond, at: 700 * time.Millisecond},
		{name: "off", remaining: time.Second, margin: -1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := newPipeline(t, exporter.WithDeadlineMargin(tt.margin))
				deadline, cancel := context.WithTimeout(activeContext(), tt.remaining)
				defer cancel()
				ctx, f := p.function(deadline)
				p.span(ctx, "finished")
				time.Sleep(time.Nanosecond) // orders the two
				inner, s := p.tracer.Start(ctx, "stuck")
				_, call := p.tracer.Start(inner, "call", trace.WithSpanKind(trace.SpanKindClient))
				if tt.at == 0 {
					<-ctx.Done()
					wantOutline(t, p)
					return
				}

				time.Sleep(tt.at - 2)
				synctest.Wait()
				wantOutline(t, p)
				time.Sleep(time.Nanosecond)
				synctest.Wait()
				docs := wantOutline(t, p, "subsegment orders!(finished stuck!(call!))")
				if find(t, docs, "orders").Annotations["ColdStart"] != true {
					t.Error("the document in progress is not a function span's")
				}

				// It made it after all: complete documents with the same ids.
				open := docs[0].ID
				call.End()
				s.End()
				f.End()
				docs = wantOutline(t, p, "subsegment orders(finished stuck(call))")
				if docs[0].ID != open {
					t.Error("the complete document does not replace the one in progress")
				}
			})
		})
	}
}

func TestDeadlineOfEndedInvocation(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPipeline(t)
		for range 3 { // the same timer each time
			ctx, cancel := context.WithTimeout(activeContext(), time.Second)
			_, f := p.function(ctx)
			time.Sleep(100 * time.Millisecond)
			f.End()
			wantOutline(t, p, "subsegment orders")
			cancel()
		}
		time.Sleep(time.Hour)
		synctest.Wait()
		wantOutline(t, p)

		// Nor after Shutdown.
		ctx, cancel := context.WithTimeout(activeContext(), time.Second)
		defer cancel()
		p.function(ctx)
		if err := p.processor.Shutdown(t.Context()); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Hour)
		synctest.Wait()
		wantOutline(t, p)
	})
}

func TestDeadlineWithInitialization(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, own := range []bool{true, false} {
			p := newPipeline(t)
			p.span(t.Context(), "connect")
			ctx := activeContext()
			want := []string{"subsegment init(connect)", "subsegment orders!"}
			then := []string{"subsegment orders"}
			if own {
				ctx = ownContext()
				want = []string{"segment orders!(Initialization(connect))"}
				then = []string{"segment orders(Initialization(connect))"} // replaces the whole
			}
			ctx, cancel := context.WithTimeout(ctx, time.Second)
			defer cancel()
			_, f := p.function(ctx)
			time.Sleep(time.Second)
			synctest.Wait()
			wantOutline(t, p, want...)
			f.End()
			wantOutline(t, p, then...)
		}
	})
}

// TestEndWaitsForDeadline ends an invocation while its open spans are being
// sent: the complete documents come second, and nothing runs on. It runs in
// real time, as waiting for a lock does not let a bubble's clock go on.
func TestEndWaitsForDeadline(t *testing.T) {
	p := newPipeline(t, exporter.WithDeadlineMargin(time.Hour))
	emitting, goOn := make(chan bool, 2), make(chan bool)
	p.emitter.onEmit = func(context.Context) {
		emitting <- true
		<-goOn
	}
	ctx, cancel := context.WithTimeout(activeContext(), time.Minute)
	defer cancel()
	_, f := p.function(ctx) // the margin is longer than the time: at once
	<-emitting
	ended := make(chan bool)
	go func() {
		f.End()
		close(ended)
	}()
	select {
	case <-emitting:
		t.Error("both at the same time")
	case <-time.After(20 * time.Millisecond):
	}
	close(goOn)
	<-ended
	docs := p.emitter.take(t)
	if len(docs) != 2 || !docs[0].InProgress || docs[1].InProgress {
		t.Errorf("%v", outline(docs))
	}
}
