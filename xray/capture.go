package xray

import (
	"context"
	"fmt"
)

// Capture runs fn in a subsegment and returns its error, which makes the
// subsegment a fault. A panic is recorded with its stack and goes on.
func Capture(ctx context.Context, name string, fn func(context.Context) error) (err error) {
	ctx, seg := BeginSubsegment(ctx, name)
	returned := false
	defer func() {
		if seg.lost {
			contextMissing(ctx, fmt.Sprintf("failed to end subsegment: subsegment '%v' cannot be found.", name))
			return
		}
		if returned {
			seg.Close(err)
			return
		}
		// A panic, or runtime.Goexit, of which recover says nothing.
		if p := recover(); p != nil {
			seg.Close(seg.formatting().Panicf("%v", p))
			panic(p)
		}
		seg.Close(nil)
	}()
	err = fn(ctx)
	returned = true
	return err
}

// CaptureAsync runs fn in a subsegment and a goroutine, and returns when the
// subsegment has begun. In a Lambda function a subsegment that ends after its
// invocation is sent with the next one.
func CaptureAsync(ctx context.Context, name string, fn func(context.Context) error) {
	started := make(chan struct{})
	go Capture(ctx, name, func(ctx context.Context) error { // its error is recorded; nobody else wants it
		close(started)
		return fn(ctx)
	})
	<-started
}
