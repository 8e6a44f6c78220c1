package xrayapi_test

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/lambdaxray/lambdaxray/exporter"
	"github.com/lambdaxray/lambdaxray/exporter/xrayapi"
	"github.com/lambdaxray/lambdaxray/exporter/xraytest"
)

func TestEmitContext(t *testing.T) {
	slow := func(int, *http.Request) *xraytest.Fault { return &xraytest.Fault{Delay: time.Minute} }
	for _, tc := range []struct {
		name string
		ctx  func(t *testing.T) context.Context
		code string
	}{
		{"deadline", func(t *testing.T) context.Context {
			ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
			t.Cleanup(cancel)
			return ctx
		}, "Timeout"},
		{"canceled", func(t *testing.T) context.Context {
			ctx, cancel := context.WithCancel(t.Context())
			cancel()
			return ctx
		}, "Canceled"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			f := newFake(t, slow)
			got := failures(t, xrayapi.New(f.client, xrayapi.WithConcurrency(1)).Emit(tc.ctx(t), documents(60)))
			lost := 0
			for _, g := range got {
				lost += g.Count
				if g.Code != tc.code || !g.Temporary {
					t.Errorf("failure %+v, want %s and temporary", g, tc.code)
				}
			}
			if lost != 60 {
				t.Errorf("%d lost, want 60", lost)
			}
		})
	}
}

func TestConcurrencyBound(t *testing.T) {
	const bound = 3
	var now, most atomic.Int32
	full := make(chan struct{})
	f := newFake(t, func(int, *http.Request) *xraytest.Fault {
		n := now.Add(1)
		defer now.Add(-1)
		for m := most.Load(); n > m && !most.CompareAndSwap(m, n); m = most.Load() {
		}
		if n == bound {
			select {
			case <-full:
			default:
				close(full)
			}
		}
		<-full // hold the first calls until there are as many as may be
		return nil
	})
	e := xrayapi.New(f.client, xrayapi.WithConcurrency(bound))
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			if err := e.Emit(t.Context(), documents(300)); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if got := most.Load(); got != bound {
		t.Errorf("%d calls at a time, want %d", got, bound)
	}
}

func TestShutdown(t *testing.T) {
	f := newFake(t, nil)
	e := xrayapi.New(f.client)
	for range 2 {
		if err := e.Shutdown(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	var emit *exporter.EmitError
	if err := e.Emit(t.Context(), documents(2)); !errors.As(err, &emit) || emit.Lost != 2 {
		t.Errorf("Emit after Shutdown: %v, want 2 documents lost", err)
	}
}
