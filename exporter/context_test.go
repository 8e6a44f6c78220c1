package exporter

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

// TestTimeoutContext holds timeoutContext to what context.WithTimeout does,
// whether or not somebody has asked for Done.
func TestTimeoutContext(t *testing.T) {
	for _, asked := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			ctx := newTimeoutContext(time.Second)
			defer ctx.stop()
			if d, ok := ctx.Deadline(); !ok || time.Until(d) != time.Second {
				t.Errorf("deadline %v, %v", d, ok)
			}
			if asked {
				select {
				case <-ctx.Done():
					t.Error("done at once")
				default:
				}
			}
			if err := ctx.Err(); err != nil {
				t.Error(err)
			}
			time.Sleep(time.Second)
			synctest.Wait()
			if err := ctx.Err(); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("after its time: %v", err)
			}
			<-ctx.Done()

			// A context derived from it ends with it.
			ctx = newTimeoutContext(time.Second)
			child, cancel := context.WithCancel(ctx)
			defer cancel()
			ctx.stop()
			<-child.Done()
		})
	}
}

func TestTimeoutContextRenew(t *testing.T) {
	for _, asked := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			ctx := newTimeoutContext(time.Second)
			defer ctx.stop()
			if asked {
				ctx.Done()
			}
			if err := pace(ctx, time.Minute); err != nil {
				t.Error(err)
			}
			if d, _ := ctx.Deadline(); time.Until(d) != time.Second || ctx.Err() != nil {
				t.Errorf("%v left, %v", time.Until(d), ctx.Err())
			}
			start := time.Now()
			<-ctx.Done()
			if took := time.Since(start); took != time.Second {
				t.Errorf("done after %v", took)
			}
		})
	}
}
