package xrayapi_test

import (
	"context"
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/xray"
	"github.com/google/go-cmp/cmp"

	"github.com/lambdaxray/lambdaxray/exporter/xrayapi"
)

// A call that waits before it is tried again leaves its slot to others.
func TestBackoffLeavesSlot(t *testing.T) {
	waiting, taken := make(chan struct{}), make(chan struct{})
	_, client := newStub(t, func(w http.ResponseWriter, _ int, ids []string) {
		if ids[0] == id(0) {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		_, _ = io.WriteString(w, entries())
	})
	client = xray.New(client.Options(), func(o *xray.Options) {
		o.Retryer = retry.NewStandard(func(o *retry.StandardOptions) {
			o.Backoff = retry.BackoffDelayerFunc(func(int, error) (time.Duration, error) {
				close(waiting)
				return time.Hour, nil
			})
		})
	})
	e := xrayapi.New(client, xrayapi.WithConcurrency(1))
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		defer close(taken)
		_ = e.Emit(ctx, documents(1)) // ends with the test
	}()
	<-waiting
	if err := e.Emit(t.Context(), documents(2)[1:]); err != nil {
		t.Error(err)
	}
	cancel()
	<-taken
}

// A peer that never answers is given up after the attempt's timeout, and the
// first attempt is reported before the last.
func TestAttemptTimeout(t *testing.T) {
	hold := make(chan struct{})
	_, client := newStub(t, func(http.ResponseWriter, int, []string) { <-hold })
	defer close(hold)
	var attempts []string
	e := xrayapi.New(client, xrayapi.WithAttemptTimeout(20*time.Millisecond),
		xrayapi.WithAttemptFunc(func(a xrayapi.Attempt) { attempts = append(attempts, a.Code) }))
	got := failures(t, e.Emit(t.Context(), documents(2)))
	if len(got) != 1 || got[0].Code != xrayapi.CodeTimeout || !got[0].Temporary {
		t.Errorf("failures %+v, want a temporary timeout", got)
	}
	want := []string{xrayapi.CodeTimeout, xrayapi.CodeTimeout, xrayapi.CodeTimeout}
	if diff := cmp.Diff(want, attempts); diff != "" {
		t.Errorf("attempts (-want +got):\n%s", diff)
	}
}
